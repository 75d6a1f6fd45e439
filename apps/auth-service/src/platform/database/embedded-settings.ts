export const SETTINGS_FILE = 'warden.conf';

/** Who may connect: loopback, with a password. */
export const HOST_RULES = 'host all all 127.0.0.1/32 scram-sha-256\n';

/** Ends postgresql.conf. What an operator adds below this line wins over ours. */
export const INCLUDE_LINE = `\n# Settings of orthanc-warden, rewritten at every start. Your own go below.\ninclude '${SETTINGS_FILE}'\n`;

/**
 * Settings for one small host.
 * @param durable false gives up surviving a crash, for tests.
 */
export function serverSettings(durable: boolean): string {
  return `listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 60
shared_buffers = 256MB
max_wal_size = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
password_encryption = 'scram-sha-256'
# A container's /dev/shm is often too small for parallel queries, and two cores gain nothing from them.
max_parallel_workers_per_gather = 0
jit = off
io_method = sync
logging_collector = on
log_directory = 'log'
log_filename = 'server-%Y%m%d-%H%M%S.log'
log_file_mode = 0600
log_rotation_age = 0
log_rotation_size = 5MB
log_line_prefix = '%m [%p] %q%u '
log_statement = 'none'
# The detail of an error quotes column values.
log_error_verbosity = terse
fsync = ${durable ? 'on' : 'off'}
synchronous_commit = ${durable ? 'on' : 'off'}
full_page_writes = ${durable ? 'on' : 'off'}
`;
}

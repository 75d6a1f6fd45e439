#!/bin/sh
# Writes nginx's configuration from PORT and SSL_PORT, then starts it. With SSL_PORT there is HTTPS on that port and nothing else;
# without it plain HTTP, even when a certificate is mounted: said aloud, since it is easily overlooked.
set -eu

certificate=/etc/ssl/certs/ssl-certificate.crt
key=/etc/ssl/private/ssl-private-key.key
made=/tmp/ohif.conf

is_port() {
  case $1 in '' | *[!0-9]* | ??????*) return 1 ;; esac
  # Below 1024 only root may listen, and this is not root.
  [ "$1" -ge 1024 ] && [ "$1" -le 65535 ]
}
fail() {
  echo "ohif: $1" >&2
  exit 1
}

is_port "${PORT:=8080}" || fail 'PORT must be a port from 1024 to 65535'
if [ -n "${SSL_PORT:-}" ]; then
  is_port "$SSL_PORT" || fail 'SSL_PORT must be a port from 1024 to 65535'
  [ -r "$certificate" ] || fail "SSL_PORT is set, but $certificate cannot be read by user $(id -u)"
  [ -r "$key" ] || fail "SSL_PORT is set, but $key cannot be read by user $(id -u): give its group to $(id -g), not the world"
  listen="listen $SSL_PORT ssl;
    ssl_certificate $certificate;
    ssl_certificate_key $key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets off;
    add_header Strict-Transport-Security 'max-age=31536000' always;"
else
  [ -e "$certificate" ] && echo 'ohif: a certificate is mounted, but SSL_PORT is not set: this is plain HTTP' >&2
  listen="listen $PORT;"
fi

cat >"$made" <<END
worker_processes auto;
pid /tmp/nginx.pid;
# Below crit it writes whole addresses down, and they hold tokens.
error_log stderr crit;
events { worker_connections 1024; }
http {
  include ${NGINX_MIME_TYPES:-/etc/nginx/mime.types};
  default_type application/octet-stream;
  server_tokens off;
  # Addresses hold tokens: the log has the path alone.
  log_format path '\$remote_addr \$request_method \$uri \$status \$body_bytes_sent';
  access_log /dev/stdout path;
  client_body_temp_path /tmp/client-body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  # An address may name many studies.
  large_client_header_buffers 8 64k;
  gzip on;
  gzip_types text/css application/javascript application/json application/wasm image/svg+xml;
  server {
    $listen
    root ${OHIF_ROOT:-/usr/share/ohif};
    add_header Cross-Origin-Opener-Policy same-origin always;
    add_header Cross-Origin-Embedder-Policy require-corp always;
    add_header Cross-Origin-Resource-Policy same-origin always;
    add_header X-Content-Type-Options nosniff always;
    add_header Referrer-Policy no-referrer always;
    location = /health { access_log off; return 204; }
    location /ohif/ { try_files \$uri /ohif/index.html; }
    location / { return 404; }
  }
}
END
exec nginx -c "$made" -g 'daemon off;'

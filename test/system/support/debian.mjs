import { execFileSync } from 'node:child_process';

/** Installs Debian packages where root may; else throws the command that root has to give. */
export function installPackages(why, packages) {
  if (process.getuid?.() !== 0) {
    throw new Error(
      `${why}. As root: apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`,
    );
  }
  console.log(`  (installing ${packages.join(', ')})`);
  const aptGet = (...args) =>
    execFileSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  aptGet('-q', 'update');
  aptGet('-q', 'install', '-y', '--no-install-recommends', ...packages);
}

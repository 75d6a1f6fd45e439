#!/bin/sh
# Entrypoint of the image: writes the configuration from the environment and runs nginx with it. Nothing but /tmp is written.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
configuration=/tmp/nginx
rm -rf "$configuration"
"$here/render.sh" "$configuration"

if [ "${ENABLE_CERTBOT:-false}" = true ]; then
  letsencrypt=${LETSENCRYPT_DIR:-/etc/letsencrypt}
  live=$letsencrypt/live/$DOMAIN_NAME
  certificate=$live/fullchain.pem
  is_there() {
    [ -r "$certificate" ] && [ -r "$live/privkey.pem" ]
  }
  # certbot makes its folders and the key for root alone.
  is_shut() {
    for folder in "$letsencrypt/live" "$letsencrypt/archive"; do
      if [ -d "$folder" ] && [ ! -x "$folder" ]; then return 0; fi
    done
    [ -r "$certificate" ] && [ ! -r "$live/privkey.pem" ]
  }
  if ! is_there; then
    echo "nginx: waiting for certbot to write $certificate" >&2
    nginx -c "$configuration/first-certificate.conf" -g 'daemon off;' &
    first=$!
    trap 'kill -QUIT $first; exit 0' TERM INT QUIT
    told=false
    while ! is_there; do
      kill -0 "$first" || exit 1
      if [ "$told" = false ] && is_shut; then
        echo "nginx: $letsencrypt is there, and user $(id -u) cannot read the key or the certificate: see docs/proxies.md" >&2
        told=true
      fi
      sleep 2
    done
    trap - TERM INT QUIT
    kill -QUIT "$first"
    wait "$first" || true
  fi
  # A renewed certificate is taken up within twelve hours; certbot renews weeks before the end.
  (while sleep 43200; do nginx -c "$configuration/nginx.conf" -s reload || true; done) &
fi

nginx -c "$configuration/nginx.conf" -t -q
exec nginx -c "$configuration/nginx.conf" -g 'daemon off;'

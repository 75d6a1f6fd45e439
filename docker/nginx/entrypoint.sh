#!/bin/sh
# Entrypoint of the image: writes the configuration from the environment and runs nginx with it. Nothing but /tmp is written.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
configuration=/tmp/nginx
rm -rf "$configuration"
"$here/render.sh" "$configuration"

if [ "${ENABLE_CERTBOT:-false}" = true ]; then
  certificate=${LETSENCRYPT_DIR:-/etc/letsencrypt}/live/$DOMAIN_NAME/fullchain.pem
  if [ ! -e "$certificate" ]; then
    echo "nginx: waiting for certbot to write $certificate" >&2
    nginx -c "$configuration/first-certificate.conf" -g 'daemon off;' &
    first=$!
    trap 'kill -QUIT $first; exit 0' TERM INT QUIT
    while [ ! -e "$certificate" ]; do
      kill -0 "$first" || exit 1
      sleep 2
    done
    trap - TERM INT QUIT
    kill -QUIT "$first"
    wait "$first" || true
  fi
  # A renewed certificate is taken up within twelve hours; certbot renews weeks before the end.
  (while sleep 43200; do nginx -c "$configuration/nginx.conf" -s reload; done) &
fi

nginx -c "$configuration/nginx.conf" -t -q
exec nginx -c "$configuration/nginx.conf" -g 'daemon off;'

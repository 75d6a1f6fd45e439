#!/bin/bash
# Starts Keycloak with the realm `orthanc`. At the first start it makes what nobody may know beforehand: the secret of the
# client `admin-cli` and the initial passwords. Arguments are those of kc.sh. It is the entrypoint of the image, so it uses
# no program that kc.sh does not need as well, beside coreutils.
#
#   KEYCLOAK_HOME     where Keycloak lies                           (default: /opt/keycloak)
#   FIRST_START_DIR   where the secrets that were made are kept     (default: $KEYCLOAK_HOME/data/first-start)
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
home=${KEYCLOAK_HOME:-/opt/keycloak}
kept=${FIRST_START_DIR:-$home/data/first-start}
given=/run/secrets/KEYCLOAK_CLIENT_SECRET
secret_file=$kept/KEYCLOAK_CLIENT_SECRET
passwords_file=$kept/initial-passwords
done_file=$kept/passwords-were-made

fail() {
  echo "first-start: $1" >&2
  exit 1
}

# 24 random bytes as 32 characters of A-Z, a-z, 0-9, - and _: nothing that JSON, a shell or a URL would read otherwise.
random_text() {
  local text
  text=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
  [[ $text =~ ^[A-Za-z0-9_-]{32}$ ]] || fail 'no random text could be made'
  printf '%s' "$text"
}

# Whole or not at all: a file that was cut short would be taken for a secret at the next start.
write_whole() {
  (
    umask 077
    printf '%s\n' "$2" >"$1.new"
  )
  mv "$1.new" "$1"
}

# Keycloak itself reads it from its environment alone.
if [[ -e /run/secrets/KC_DB_PASSWORD ]]; then
  KC_DB_PASSWORD=$(</run/secrets/KC_DB_PASSWORD)
  export KC_DB_PASSWORD
fi

if [[ ! -d $kept ]]; then
  mkdir -p "$(dirname "$kept")"
  mkdir -m 700 "$kept"
fi

if [[ -e $done_file && ! -e $passwords_file ]]; then
  # The passwords were handed out and their file deleted. The realm is there, so no secret needs to enter this process.
  exec "$home/bin/kc.sh" "$@"
fi

if [[ -e $given ]]; then
  client_secret=$(<"$given")
else
  if [[ ! -e $secret_file ]]; then
    client_secret=$(random_text)
    write_whole "$secret_file" "$client_secret"
    echo "first-start: KEYCLOAK_CLIENT_SECRET for the authorization service is in $secret_file" >&2
  fi
  client_secret=$(<"$secret_file")
fi
[[ $client_secret =~ ^[A-Za-z0-9._~+/=-]{32,256}$ ]] ||
  fail 'KEYCLOAK_CLIENT_SECRET must be 32 to 256 characters of A-Z, a-z, 0-9 and . _ ~ + / = -'

if [[ ! -e $passwords_file ]]; then
  lines=()
  for account in bootstrap-admin admin doctor external; do
    password=$(random_text)
    lines+=("$account:$password")
  done
  write_whole "$passwords_file" "$(printf '%s\n' "${lines[@]}")"
  echo "first-start: initial passwords are in $passwords_file; hand them out, then delete the file" >&2
fi
: >"$done_file"

while IFS=: read -r account password; do
  case $account in
    bootstrap-admin) bootstrap_password=$password ;;
    admin) export ORTHANC_ADMIN_PASSWORD=$password ;;
    doctor) export ORTHANC_DOCTOR_PASSWORD=$password ;;
    external) export ORTHANC_EXTERNAL_PASSWORD=$password ;;
  esac
done <"$passwords_file"
for name in bootstrap_password ORTHANC_ADMIN_PASSWORD ORTHANC_DOCTOR_PASSWORD ORTHANC_EXTERNAL_PASSWORD; do
  [[ -n ${!name:-} ]] || fail "$passwords_file is damaged; before the first import it may be deleted together with $done_file"
done

# An administrator that the operator chose is left alone.
if [[ -z ${KC_BOOTSTRAP_ADMIN_PASSWORD:-} ]]; then
  export KC_BOOTSTRAP_ADMIN_USERNAME=${KC_BOOTSTRAP_ADMIN_USERNAME:-bootstrap-admin}
  export KC_BOOTSTRAP_ADMIN_PASSWORD=$bootstrap_password
fi
export ORTHANC_CLIENT_SECRET=$client_secret
# The realm's file cannot be read without this one: imported in another way, it would hold secrets that everybody knows.
export ORTHANC_FIRST_START=true

mkdir -p "$home/data/import"
cp "$here/orthanc-realm.json" "$home/data/import/orthanc-realm.json"
# A realm that is there already is left as it is.
exec "$home/bin/kc.sh" "$@" --import-realm

#!/bin/bash
# Makes Keycloak's realm `orthanc` know the people of the directory, who then sign in with their passwords there. Run it once, with
# the password of an administrator of Keycloak on its standard input:
#   docker compose exec -T keycloak bash /opt/orthanc/federate.sh < password
#
#   LDAP_SUFFIX                         dc=example,dc=org
#   LDAP_URL                            (default: ldap://ldap:1389)
#   LDAP_USERS_DN, LDAP_BIND_DN         (default: ou=people,SUFFIX and cn=keycloak,SUFFIX)
#   KEYCLOAK_ADMINISTRATOR              (default: bootstrap-admin)
set -euo pipefail
umask 077

kcadm=${KEYCLOAK_HOME:-/opt/keycloak}/bin/kcadm.sh
server=${KEYCLOAK_SERVER:-http://127.0.0.1:8080}
bind_password=$(<"${SECRETS:-/run/secrets}/LDAP_KEYCLOAK_PASSWORD")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
read -r KC_CLI_PASSWORD
export KC_CLI_PASSWORD

ask() { "$kcadm" "$@" --config "$work/kcadm"; }
# A value of JSON. Names of a directory hold no control characters.
quoted() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

ask config credentials --server "$server" --realm master --user "${KEYCLOAK_ADMINISTRATOR:-bootstrap-admin}"
if ask get components --target-realm orthanc --query name=directory --fields name | grep -q '"directory"'; then
  echo 'federate: the realm knows a directory already; change it in the console of Keycloak' >&2
  exit 1
fi

# READ_ONLY: Keycloak never writes into the directory. By file, since arguments can be read by others.
cat >"$work/directory.json" <<END
{
  "name": "directory",
  "providerId": "ldap",
  "providerType": "org.keycloak.storage.UserStorageProvider",
  "config": {
    "enabled": ["true"],
    "vendor": ["other"],
    "editMode": ["READ_ONLY"],
    "importEnabled": ["true"],
    "syncRegistrations": ["false"],
    "connectionUrl": [$(quoted "${LDAP_URL:-ldap://ldap:1389}")],
    "connectionTimeout": ["5000"],
    "readTimeout": ["10000"],
    "connectionPooling": ["true"],
    "authType": ["simple"],
    "bindDn": [$(quoted "${LDAP_BIND_DN:-cn=keycloak,$LDAP_SUFFIX}")],
    "bindCredential": [$(quoted "$bind_password")],
    "usersDn": [$(quoted "${LDAP_USERS_DN:-ou=people,$LDAP_SUFFIX}")],
    "searchScope": ["2"],
    "usernameLDAPAttribute": ["uid"],
    "rdnLDAPAttribute": ["uid"],
    "uuidLDAPAttribute": ["entryUUID"],
    "userObjectClasses": ["inetOrgPerson"],
    "pagination": ["true"],
    "trustEmail": ["false"]
  }
}
END
ask create components --target-realm orthanc --file "$work/directory.json"
echo 'federate: people of the directory can sign in; give each a role of Orthanc in the console of Keycloak'

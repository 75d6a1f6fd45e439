#!/bin/sh
# Writes slapd's configuration, makes the directory when there is none, and starts slapd. Nobody reads it without a password.
set -eu
umask 077
# slapd sets memory aside for every file that it might open, and a container may allow it a thousand million.
ulimit -n 1024

secrets=${SECRETS:-/run/secrets}
data=${LDAP_DATA:-/var/lib/ldap}
work=${LDAP_WORK:-/tmp}
port=${LDAP_PORT:-1389}

fail() {
  echo "ldap: $1" >&2
  exit 1
}

printf '%s\n' "${LDAP_SUFFIX:-}" | grep -Eq '^dc=[a-z0-9-]+(,dc=[a-z0-9-]+)*$' || fail 'LDAP_SUFFIX must look like dc=example,dc=org'
domain_part=${LDAP_SUFFIX%%,*}
domain_part=${domain_part#dc=}

# slappasswd takes a password file whole: a line break at its end would belong to the password.
hash_of() {
  [ -s "$secrets/$1" ] || fail "$secrets/$1 is missing"
  tr -d '\n' <"$secrets/$1" >"$work/password"
  slappasswd -T "$work/password"
  rm "$work/password"
}
admin_hash=$(hash_of LDAP_ADMIN_PASSWORD)
keycloak_hash=$(hash_of LDAP_KEYCLOAK_PASSWORD)
# For the health check.
tr -d '\n' <"$secrets/LDAP_KEYCLOAK_PASSWORD" >"$work/keycloak-password"

cat >"$work/slapd.conf" <<END
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $work/slapd.pid
argsfile $work/slapd.args
disallow bind_anon
require authc
idletimeout 600
sizelimit 10000
database mdb
suffix "$LDAP_SUFFIX"
rootdn "cn=admin,$LDAP_SUFFIX"
rootpw $admin_hash
directory $data
maxsize 268435456
index objectClass,uid,mail,entryUUID eq
access to attrs=userPassword
  by anonymous auth
  by * none
access to *
  by dn.exact="cn=keycloak,$LDAP_SUFFIX" read
  by * none
END

if [ ! -e "$data/data.mdb" ]; then
  slapadd -f "$work/slapd.conf" <<END
dn: $LDAP_SUFFIX
objectClass: dcObject
objectClass: organization
dc: $domain_part
o: $domain_part

dn: cn=keycloak,$LDAP_SUFFIX
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: keycloak
userPassword: $keycloak_hash

dn: ou=people,$LDAP_SUFFIX
objectClass: organizationalUnit
ou: people
END
fi
exec slapd -f "$work/slapd.conf" -h "ldap://0.0.0.0:$port/" -d none

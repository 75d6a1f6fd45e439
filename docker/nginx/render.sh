#!/bin/sh
# Writes the configuration of nginx into FOLDER, from the environment. files.list says what may be set and what is written;
# `warden nginx` writes the same without a container.
#   render.sh FOLDER
set -eu
# Ranges of the patterns are of bytes.
export LC_ALL=C

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
list=$here/files.list
out=${1:?render.sh FOLDER}
names=''
newline='
'

fail() {
  echo "nginx: $1" >&2
  exit 1
}

# The pattern of a kind of value.
pattern_of() {
  sed -n "s/^kind $1 //p" "$list"
}

# All of the conditions NAME=VALUE and NAME!=VALUE; `-` is empty.
holds() {
  for condition in "$@"; do
    name=${condition%%[!A-Z0-9_]*}
    wanted=${condition#*=}
    [ "$wanted" != - ] || wanted=''
    eval "value=\$$name"
    case $condition in
      *!=*) [ "$value" != "$wanted" ] || return 1 ;;
      *) [ "$value" = "$wanted" ] || return 1 ;;
    esac
  done
}

# Each value, or its default; whatever does not look like its kind is refused.
while read -r word name kind default; do
  [ "$word" = variable ] || continue
  [ "$default" != - ] || default=''
  eval "value=\${$name:-\$default}"
  if [ -n "$value" ]; then
    case $value in *"$newline"*) fail "$name holds a line break." ;; esac
    [ "${#value}" -le 1024 ] || fail "$name is too long."
    printf '%s\n' "$value" | grep -Eq -- "$(pattern_of "$kind")" || fail "$name is no $kind."
  fi
  export "$name=$value"
  names="$names \${$name}"
done <"$list"

REAL_IP_TRUST=''
REAL_IP_GEO=''
for network in $(printf '%s' "$REAL_IP_FROM" | tr ',' ' '); do
  REAL_IP_TRUST="${REAL_IP_TRUST}set_real_ip_from $network;$newline"
  REAL_IP_GEO="$REAL_IP_GEO  $network 1;$newline"
done
export REAL_IP_TRUST REAL_IP_GEO
names="$names \${REAL_IP_TRUST} \${REAL_IP_GEO}"

while read -r word first conditions; do
  # Conditions are words of the list, no text of the environment: they may split.
  # shellcheck disable=SC2086
  case $word in
    require)
      holds $conditions || continue
      eval "value=\$$first"
      [ -n "$value" ] || fail "$first is missing: it is needed with $conditions."
      ;;
    refuse) ! holds "$first" $conditions || fail "these do not go together: $first $conditions." ;;
  esac
done <"$list"

while read -r word path template conditions; do
  [ "$word" = file ] || continue
  # shellcheck disable=SC2086
  holds $conditions || continue
  mkdir -p "$(dirname "$out/$path")"
  envsubst "$names" <"$here/templates/$template.template" >"$out/$path"
done <"$list"

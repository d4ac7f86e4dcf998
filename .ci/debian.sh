# Functions for the scripts beside this file that install packages on a Debian machine. They source it
# with "set -euo pipefail". The folder $scratch is removed at the end.

# The end-to-end tests use this folder too.
readonly runtimes="${CRI_ROUTER_RUNTIMES:-/var/lib/cri-router-e2e}"
readonly policy=/usr/sbin/policy-rc.d
readonly policy_mark='# written by cri-router .ci'
scratch=''

say() { printf '%s: %s\n' "${0##*/}" "$*"; }
fail() {
  printf '%s: FAILED: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Fails unless this is Debian, and the user root.
need_debian() {
  ((EUID == 0)) || fail 'must run as root (the tests that need this start containers)'
  command -v apt-get >/dev/null || fail 'needs Debian: apt-get is not installed'
}

# Runs a command and prints its output only if it fails.
quietly() {
  local log
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
  else
    tail -n 30 "$log" >&2
    rm -f "$log"
    return 1
  fi
}

drop_policy() {
  if grep -qsxF "$policy_mark" "$policy"; then rm -f "$policy"; fi
}

clean_up() {
  drop_policy
  if [[ -n $scratch ]]; then rm -rf "$scratch"; fi
}
trap clean_up EXIT

# Creates the folder $scratch in the folder of the runtimes. Removes the one of an earlier run first.
make_scratch() {
  mkdir -p "$runtimes" || fail "cannot create the folder $runtimes (CRI_ROUTER_RUNTIMES)"
  rm -rf "$runtimes/$1".*
  scratch=$(mktemp -d "$runtimes/$1.XXXXXX")
}

# Prevents package scripts from starting services; the tests start their own.
forbid_services() {
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" >"$policy"
    chmod 755 "$policy"
  fi
}

# Prints the packages that are not installed.
missing_packages() {
  local name
  for name; do
    if [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) != installed ]]; then
      printf '%s\n' "$name"
    fi
  done
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then return; fi
  say "installing ${missing[*]}"
  quietly apt-get update || fail 'apt-get update: see above'
  forbid_services
  DEBIAN_FRONTEND=noninteractive quietly \
    apt-get install -y --no-install-recommends "${missing[@]}" ||
    fail "apt-get install ${missing[*]}: see above"
  drop_policy
}

# Prints FILE:N of the apt source that serves this release: N is the stanza of a .sources file, or
# the line of a .list file.
find_source_of_this_release() {
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  apt-get indextargets 'Created-By: Packages' 'Origin: Debian' "Codename: $codename" \
    'Component: main' --format '$(SOURCESENTRY)' | sed -n 1p
}

# Prints the same; updates the package lists first if there are none.
source_of_this_release() {
  local entry
  entry=$(find_source_of_this_release)
  if [[ -z $entry ]]; then
    quietly apt-get update || fail 'apt-get update: see above'
    entry=$(find_source_of_this_release)
  fi
  [[ -n $entry ]] || fail 'apt has no Debian source for this release; is this Debian?'
  printf '%s' "$entry"
}

# Prints that source in the same format for another suite and its component main. The type is deb or
# deb-src.
source_for_suite() {
  local entry=$1 type=$2 suite=$3 file=${1%:*} number=${1##*:}
  case $file in
    *.sources)
      sed '/^#/d' "$file" | awk -v RS= -v number="$number" 'NR == number' |
        sed -E -e "s/^Types:.*/Types: $type/I" -e "s/^Suites:.*/Suites: $suite/I" \
          -e 's/^Components:.*/Components: main/I'
      ;;
    *.list)
      sed -n -E "${number}s/^deb +((\[[^]]*\] +)?[^ ]+) .*/$type \1 $suite main/p" "$file"
      ;;
    *) fail "apt has a source of an unknown kind: $entry" ;;
  esac
}

# Creates a private apt folder with the lists of one suite. The machine's own lists and pins are not
# changed.
private_suite() {
  local folder=$1 entry=$2 type=$3 suite=$4 file=${2%:*}
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  source_for_suite "$entry" "$type" "$suite" >"$folder/suite.${file##*.}"
  quietly private_apt "$folder" update
}

# Runs apt-get on such a folder.
private_apt() {
  local folder=$1 sources
  shift
  sources=$(ls "$folder"/suite.*)
  apt-get -o Dir::Etc::sourcelist="$sources" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null -o Dir::Etc::preferences=/dev/null \
    -o Dir::State::lists="$folder/lists" -o Dir::Cache="$folder/cache" \
    -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User=root "$@"
}

# Functions for scripts that make images of installed programs, with Debian's libraries. Needs dpkg.

# Prints the libraries of the machine that the programs and libraries $@ need, including the linker.
libraries_of() {
  printf '%s\0' "$@" | xargs -0 -n 1 ldd | grep -oE '/[^ ]+' | grep -v ':$' | sort -u
}

# Prints the package of the file $1. Packages list libraries in /lib, which is a link to /usr/lib.
package_of() {
  local file
  file=$(readlink -f "$1")
  dpkg -S "$file" 2>/dev/null | cut -d: -f1 || dpkg -S "${file#/usr}" 2>/dev/null | cut -d: -f1 || {
    printf 'no package has %s: under which licence may it be in an image?\n' "$1" >&2
    return 1
  }
}

# Installs the file $1 of a package as $3 below $2, and the licence of the package.
install_packaged() {
  local package
  package=$(package_of "$1") || return 1
  install -D "$(readlink -f "$1")" "$2/$3"
  install -D -m 644 -t "$2/usr/share/doc/$package" "/usr/share/doc/$package/copyright"
}

# Included by the build scripts of the packages, which are called as `build LIBRARY FOLDER` from the top of the tree. Sets what is
# packaged (library, version), the platform that the library was built for (machine, libc), the target folder, and stage, a
# temporary directory that is deleted at the end.
set -eu
library=$1
folder=$2
version=$(cat VERSION)
here=$(dirname "$0")

case $(LC_ALL=C readelf -h "$library" | sed -n 's/^ *Machine: *//p') in
  *X86-64) machine=x86_64 ;;
  AArch64) machine=aarch64 ;;
  *)
    echo "$0: $here/../library.sh does not know the machine of $library" >&2
    exit 1
    ;;
esac
if LC_ALL=C readelf -d "$library" | grep -q 'NEEDED.*\[libc\.so\.6\]'; then libc=glibc; else libc=musl; fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$stage"
umask 022
mkdir -p "$folder"

# put_library DIRECTORY: copies the library, without its debugging information.
put_library() {
  mkdir -p "$1"
  strip --strip-unneeded --remove-section=.comment -o "$1/onpage.so" "$library"
  chmod 644 "$1/onpage.so"
}

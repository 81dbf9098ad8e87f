# For the build scripts beside it, which are called as `build LIBRARY FOLDER` from the top of the tree. Says what is packaged
# (library, version), for which platform, as the library itself tells it (machine, libc), and where to: folder, and stage, a
# directory that goes away.
set -eu
library=$1
folder=$2
version=$(cat VERSION)
here=$(dirname "$0")

case $(LC_ALL=C readelf -h "$library" | sed -n 's/^ *Machine: *//p') in
  *X86-64) machine=x86_64 ;;
  AArch64) machine=aarch64 ;;
  *)
    echo "$0: no package is named for the machine of $library: see $here/../library.sh" >&2
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

# put_library DIRECTORY: the library as packages carry it, without what only a debugger reads.
put_library() {
  mkdir -p "$1"
  strip --strip-unneeded --remove-section=.comment -o "$1/onpage.so" "$library"
  chmod 644 "$1/onpage.so"
}

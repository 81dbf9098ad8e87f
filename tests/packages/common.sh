# shellcheck shell=sh
# For the scripts beside it, which are called as `test_KIND BUILD` from the top of the tree. Each makes one kind of package as a
# user does, installs it into a folder of its own, and queries a stand-in API from an empty folder, where only
# the package can be found.
# In CI (CI=true) nothing may be skipped.
set -eu
build=$1
version=$(cat VERSION)
task=07131248-1535-0216-1000-17384017ad04
# shellcheck disable=SC2034 # for wheel and npm
query="SELECT page_from, link_to, page_to_status_code FROM onpage_links WHERE task_id = '$task' AND is_broken = 1"
# What a host prints: onpage_version(), and the rows of the query with bars between the values.
rows="$version
/about|https://shop.example/gone|404
/about|https://shop.example/logo|404
/about|https://shop.example/gone|404"

skip() {
  echo "skipped: $1"
  [ -z "${CI:-}" ]
  exit
}

# The stand-in ends when its standard input does: descriptor 9 is the other end, and is closed however a script ends.
work=$(mktemp -d)
mkdir "$work/empty"
mkfifo "$work/alive" "$work/url"
"$build/tests/standin" --items tests/e2e/shop.ndjson --task $task --until-eof <"$work/alive" >"$work/url" &
standin=$!
exec 9>"$work/alive"
finish() {
  exec 9>&-
  wait "$standin" || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP
read -r url <"$work/url"

# in_empty [VARIABLE=VALUE…] COMMAND [ARGUMENT…]
in_empty() {
  (cd "$work/empty" && exec env -i PATH="$PATH" HOME="$work" LC_ALL=C.UTF-8 ONPAGE_BASE_URL="$url" ONPAGE_API_KEY=test-key \
    "$@") 9>&-
}

expect() { # WHAT EXPECTED ACTUAL
  [ "$2" = "$3" ] && return
  printf '%s should be:\n%s\nbut is:\n%s\n' "$1" "$2" "$3"
  exit 1
}

# expect_rows LINE [VARIABLE=VALUE…]: the sqlite3 shell gives the rows after that line.
expect_rows() {
  line=$1
  shift
  actual=$(printf '%s\n' "$line" "SELECT onpage_version();" "$query;" | in_empty "$@" sqlite3 -batch -bail -list 2>&1) ||
    actual="$actual, exit status $?"
  expect "what sqlite3 prints after $line" "$rows" "$actual"
}

# make_package KIND: `package` is the file that make names last.
make_package() {
  make BUILD="$build" "$1" >"$work/made" 2>&1 || {
    cat "$work/made"
    exit 1
  }
  package=$(realpath "$(tail -n 1 "$work/made")")
  echo "${package##*/}"
}

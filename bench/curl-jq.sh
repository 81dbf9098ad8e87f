#!/bin/sh
# curl-jq.sh URL TASK DATABASE [FILTERS]: what one would do in a shell, curl | jq | sqlite3 .import into the table links: page by
# page by offset, past 20,000 rows by token. Prints {"rows":…}.
set -eu
url=$1/on_page/links
task=$2
database=$3
filters=${4:-}
page=$(mktemp)
trap 'rm -f "$page"' EXIT

before='type domain_from domain_to page_from page_to link_from link_to'
behind='dofollow page_from_scheme page_to_scheme direction is_broken text is_link_relation_conflict page_to_status_code image_alt
  image_src is_valid_hreflang hreflang'
list() { echo "$@" | sed 's/ /, /g'; }
# shellcheck disable=SC2046,SC2086 # lists of words
names=$(list $before link_attribute $behind)
# shellcheck disable=SC2046,SC2086
fields=$(list $(printf '.%s ' $before) '(.link_attribute|tojson)' $(printf '.%s ' $behind))

fetch_all() {
  rows=0
  offset=0
  token=
  while :; do
    printf '{"id":"%s","limit":1000,"offset":%s%s%s}' "$task" "$offset" "${filters:+,\"filters\":$filters}" \
      "${token:+,\"search_after_token\":$token}" |
      curl -sS --fail --compressed -H 'Authorization: Bearer test-key' -H 'Content-Type: application/json' -d @- "$url" >"$page"
    jq -r ".tasks[0].result[0].items[] | [$fields] | @csv" "$page"
    # shellcheck disable=SC2046 # three words
    set -- $(jq -c '.tasks[0].result[0] | (.items | length), .total_items_count, .search_after_token' "$page")
    rows=$((rows + $1))
    [ "$rows" -lt "$2" ] || break
    if [ "$rows" -lt 20000 ]; then offset=$rows; else token=$3; fi
  done
}

sqlite3 "$database" "CREATE TABLE links ($names)"
fetch_all | sqlite3 "$database" '.import --csv /dev/stdin links'
sqlite3 "$database" "SELECT json_object('rows', count(*)) FROM links"

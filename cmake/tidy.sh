#!/usr/bin/env bash
# usage: tidy.sh BUILD CACHE [PATH..]
#
# clang-tidy, warnings as errors, over every C++ file of ours that BUILD compiles (or only the files and folders named). What was clean is not looked at
# again until its text changes, or a header of ours that it includes, its flags, the checks or the tools: a file in CACHE stands
# for each clean unit, so that clones and later runs share them.
set -euo pipefail
build=$1 cache=$2
shift 2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
command -v clang-tidy-19 >/dev/null || { echo "clang-tidy-19 is not installed; ./dev setup installs it" >&2; exit 2; }
mkdir -p "$cache"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# without the precompiled standard headers: every source includes what it uses; without OpenMP, whose header is GCC's; files that
# are compiled as one are looked at one by one
/usr/bin/python3 - "$build/compile_commands.json" >"$work/compile_commands.json" <<'PYTHON'
import json, re, sys
units = []
for unit in json.load(open(sys.argv[1])):
    command = re.sub(r" -fopenmp| -Winvalid-pch -include \S*rexp_(compiler|runtime|tests)_pch\S*", "", unit["command"])
    together = "/Unity/" in unit["file"]
    files = re.findall(r'^#include "(.*)"$', open(unit["file"]).read(), re.M) if together else [unit["file"]]
    units += [{"directory": unit["directory"], "command": command.replace(unit["file"], file), "file": file} for file in files]
print(json.dumps(units, indent=2))
PYTHON

# one line per unit: its path, a tab, its command (without the places of this clone)
awk -v root="$root/" '
  /^ *"command": / { command = $0 }
  /^ *"file": / { gsub(/^ *"file": "|"$/, ""); if (index($0, root) == 1) print substr($0, length(root) + 1) "\t" command }
' "$work/compile_commands.json" | grep -v "^${build#"$root"/}/" | sed "s,$root,.,g" | sort -u -t $'\t' -k1,1 >"$work/units"

# one line per (unit, file of ours that it reads), as Ninja remembers them from compiling
ninja -C "$build" -t deps | awk -v root="$root/" '
  function told(  i, j) {
    for (i = 1; i <= units; ++i) {
      print unit[i] "\t" unit[i]
      for (j = 1; j <= headers; ++j) print unit[i] "\t" header[j]
    }
    units = headers = 0
  }
  /^[^ ].*#deps/ { told(); next }
  NF == 1 && index($1, root) == 1 {
    file = substr($1, length(root) + 1)
    if (file ~ /\.cpp$/) unit[++units] = file
    else header[++headers] = file
  }
  END { told() }
' | sort -u >"$work/reads"
cut -f 2 "$work/reads" | sort -u | xargs sha256sum | awk '{print $2 "\t" $1}' >"$work/sums"
awk -F '\t' 'NR == FNR { sum[$1] = $2; next } { sums[$1] = sums[$1] " " sum[$2] } END { for (unit in sums) print unit "\t" sums[unit] }' \
  "$work/sums" "$work/reads" | sort -t $'\t' -k1,1 >"$work/texts"
tools=$({ clang-tidy-19 --version; cat .clang-tidy cmake/requirements.txt cmake/debian-packages.txt; } | sha256sum)

is_named() {
  local unit=$1 path
  shift
  for path in "$@"; do [[ $unit == "$path" || $unit == "${path%/}"/* ]] && return 0; done
  return 1
}

looked=0
: >"$work/todo"
while IFS=$'\t' read -r unit command text; do
  [ $# = 0 ] || is_named "$unit" "$@" || continue
  looked=$((looked + 1))
  key=$(printf '%s\n' "$tools" "$unit" "$command" "$text" | sha256sum | cut -c 1-40)
  [ -e "$cache/$key" ] || printf '%s\t%s\n' "$unit" "$key" >>"$work/todo"
done < <(join -t $'\t' "$work/units" "$work/texts")
[ $looked -gt 0 ] || { echo "no unit of the build is called so: $*" >&2; exit 2; }

one() {
  local unit=${1%%$'\t'*} key=${1##*$'\t'} out
  if ! out=$(clang-tidy-19 -p "$work" --quiet --extra-arg=-Wno-ignored-gch --extra-arg=-Wno-deprecated-declarations "$unit" 2>/dev/null); then
    printf '%s\n' "${out:-$unit: clang-tidy ended without a message}" | sed "s,$root/,,g"
    return 1
  fi
  # a file that was edited meanwhile is not the one that the key was made of
  local edited
  edited=$(awk -F '\t' -v unit="$unit" '$1 == unit { print $2 }' "$work/reads" | xargs -d '\n' -I{} find {} -newer "$work/sums")
  [ -n "$edited" ] || : >"$cache/$key"
}
export -f one
export build cache root work
echo "clang-tidy: $looked units, $(wc -l <"$work/todo") of them changed"
xargs -r -d '\n' -P "${REXP_JOBS:-$(nproc)}" -n 1 bash -c 'one "$1"' _ <"$work/todo"

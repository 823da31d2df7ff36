#!/usr/bin/env bash
# run.sh DIRECTORY FILE [PATTERN]: run the cases of FILE, each by a bash of its own in an
# empty directory under DIRECTORY, which is made and removed here.  Both streams name each
# case as it starts; standard output also has its status.  With RINGSCOPE_LONG=1 the cases
# marked long run too.
set -u
export LC_ALL=C.UTF-8 HOME=$1 TMPDIR=$1/tmp
file=$2 pattern=${3:-*}

# run_case NAME [long] BODY
run_case()
{
	local name=$1 body=${!#} status
	[ $# = 2 ] || [ "${RINGSCOPE_LONG:-0}" = 1 ] || return 0
	# shellcheck disable=SC2053 # a pattern on purpose
	[[ $name == $pattern ]] || return 0
	mkdir -p "$HOME/$name" "$TMPDIR"
	printf '== %s\n' "$name"
	printf '== %s\n' "$name" >&2
	(cd "$HOME/$name" && exec bash -c "$body" "$name")
	status=$?
	printf '== %s: status %d\n' "$name" $status
	rm -rf "${HOME:?}/$name"
}

mkdir "$HOME" || exit
title=() body=
while IFS= read -r line; do
	case $line in
	'== '*)
		[ ${#title[@]} = 0 ] || run_case "${title[@]}" "$body" </dev/null
		read -ra title <<<"${line#== }"
		body=
		;;
	'#'*) ;;
	*) body+=$line$'\n' ;;
	esac
done <"$file"
run_case "${title[@]}" "$body" </dev/null
rm -rf "$HOME"

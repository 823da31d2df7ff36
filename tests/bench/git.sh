# git in a tree of 5,000 files: over 9p here, in the memory of an initramfs on Linux;
# the second run of each command.  Sourced by scripts/bench, after start.sh.
# shellcheck shell=bash

TREE_FILES=5000

# A repository of that many files in 50 folders, made once; prints its path.
tree_make()
{
	local tree=$cache/tree
	if [ ! -e "$tree/.made" ]; then
		rm -rf "$tree"
		mkdir -p "$tree"
		for ((i = 0; i < TREE_FILES; i++)); do
			((i % 100)) || mkdir "$tree/d$((i / 100))"
			printf 'file %d\n' "$i" >"$tree/d$((i / 100))/f$i"
		done
		# Older than the index: git would read every file that is not, in each run
		# where it may not write the index, as here.
		find "$tree" -type f -exec touch -d 2020-01-01 {} +
		git -C "$tree" init -q
		git -C "$tree" add -A
		git -C "$tree" -c user.name=bench -c user.email=bench@example.org commit -qm tree
		echo .made >>"$tree/.git/info/exclude"
		touch "$tree/.made"
	fi
	printf '%s\n' "$tree"
}

# git_once WHO COMMAND: ticks of its second run.
git_once()
{
	if [ "$1" = ours ]; then
		ringscope --mode off --root / -- "$cache/first_process" --report 2 \
			/usr/bin/git -C "$tree" "$2" | reported run
	else
		linux "$git_initrd" "console=ttyS0 -- --report 2 /usr/bin/git -C $tree $2" -smp 1 \
			-serial stdio | reported run
	fi
}

git_compare()
{
	local who
	rm -f "$cache"/git.ours "$cache"/git.linux
	for ((i = 0; i < pairs; i++)); do
		for who in ours linux linux ours; do
			git_once "$who" "$1" >>"$cache/git.$who"
		done
	done
	verdict "git $1 in $TREE_FILES files, second run, part of Linux" \
		"$(ratio "$(median <"$cache/git.ours")" "$(median <"$cache/git.linux")")" 3
}

section_git()
{
	local tree git_initrd
	tree=$(tree_make)
	git_initrd=$(files_of /usr/bin/git | sed 's,^/,,' | initramfs_of git "${tree#/}")
	git_compare status
	git_compare diff
}

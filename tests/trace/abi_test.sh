#!/usr/bin/env bash
# The same program on Linux and in the guest prints the same.
# Timeout: 500
source "$(dirname "$0")/lib.sh"

# These look at the ids of the user or need root's power: on Linux, root only.
root_only='user_ids stat_fields chown_owner kill_permission access_modes
	exec_auxiliary_vector fault_by_default tty_vhangup tty_exclusive
	process_vm_permission mlock_limit shm_permission shm_huge
	capability_effective capability_each_permits capability_effective_user
	capability_file_user capability_keep capability_ambient capability_bounding
	capability_exec_of_root capability_secure_bits capability_no_new_privileges
	capability_process_limit
	lease_not_own_file policy_deadline_errors posix_queue_settings mm_map_program'
cases=()
if [ "$(id -u)" != 0 ]; then
	echo "not root: on Linux these cases are left out:" $root_only
	for name in $("$build/user/abi" --list); do
		grep -qw "$name" <<<"$root_only" || cases+=("$name")
	done
fi

for program in abi abi_pie; do
	timeout -k 5 120 "$build/user/$program" "${cases[@]}" </dev/null >linux.$program 2>&1
	is "$program on Linux" 0 $?
done
[ "$failures" = 0 ] || grep -aB4 FAILED linux.abi*

for run in "abi 1" "abi 4" "abi_pie 2"; do
	read -r program cpus <<<"$run"
	echo "$program, $cpus CPU(s)"
	guest=guest.$program.$cpus
	rs 120 run -o "$guest.db" --cpus "$cpus" -- "$build/user/$program" "${cases[@]}" \
		</dev/null >"$guest" 2>"$guest.errors"
	is "exit status" 0 $?
	is "nothing on stderr" "" "$(cat "$guest.errors")"
	same "the same as on Linux" "linux.$program" "$guest"
	is "cases" "$(tail -n 1 "linux.$program")" "$(tail -n 1 "$guest")"
	trace=$guest.db
	sql "nothing was lost" 0 "SELECT count(*) FROM loss"
	sql "emitted = stored + lost" 0 "SELECT count(*) FROM counter
		WHERE emitted IS NULL OR emitted <> stored + lost"
	grep -aB4 FAILED "$guest" | head -n 100
done
finish

#!/usr/bin/env bash
# Recordings as rows of Debian's clickhouse-server, started here on loopback: its sums are
# those of the trace files.
# Timeout: 240
# Processors: 1
source "$(dirname "$0")/lib.sh"

command -v clickhouse-server >/dev/null || { echo "FAIL: clickhouse-server is not installed"; exit 1; }
here=$PWD
mkdir -p data tmp
# Ports that nobody has; the server says if somebody was faster.
port=$((20000 + RANDOM % 20000))
cat >config.xml <<XML
<yandex>
	<logger><level>warning</level><log>$here/server.log</log><errorlog>$here/server.err</errorlog></logger>
	<listen_host>127.0.0.1</listen_host>
	<http_port>$port</http_port>
	<tcp_port>$((port + 1))</tcp_port>
	<interserver_http_port>$((port + 2))</interserver_http_port>
	<path>$here/data/</path>
	<tmp_path>$here/tmp/</tmp_path>
	<user_files_path>$here/data/</user_files_path>
	<format_schema_path>$here/data/</format_schema_path>
	<users_config>users.xml</users_config>
	<default_profile>default</default_profile>
	<default_database>default</default_database>
	<mark_cache_size>67108864</mark_cache_size>
</yandex>
XML
cat >users.xml <<XML
<yandex>
	<profiles><default><max_memory_usage>1000000000</max_memory_usage></default></profiles>
	<quotas><default></default></quotas>
	<users>
		<default><password>a b&amp;c</password><networks><ip>127.0.0.1</ip></networks>
			<profile>default</profile><quota>default</quota></default>
	</users>
</yandex>
XML
clickhouse-server --config-file="$here/config.xml" >server.out 2>&1 &
server=$!
trap 'kill -9 $server 2>/dev/null' EXIT
url="http://default:a%20b%26c@127.0.0.1:$port/fleet"

# One request over bash's own sockets: no other client is needed.
ask()
{
	local body="$1"
	exec 9<>"/dev/tcp/127.0.0.1/$port" || return 1
	printf 'POST /?database=fleet HTTP/1.0\r\nX-ClickHouse-User: default\r\nX-ClickHouse-Key: a b&c\r\nContent-Length: %d\r\n\r\n%s' \
		"${#body}" "$body" >&9
	sed '1,/^\r$/d' <&9
	exec 9<&- 9>&-
}

ready=no
for _ in $(seq 150); do
	(exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && { ready=yes; break; }
	kill -0 $server 2>/dev/null || break
	sleep 0.2
done
is "the server is up" yes $ready
[ $ready = yes ] || { tail -n 5 server.out server.err; finish; }

rs 60 run -o one.db -- busybox sh -c 'echo hello | tr a-z A-Z' </dev/null >/dev/null 2>&1
rs 60 run -o two.db --cpus 2 -- busybox ls / </dev/null >/dev/null 2>&1
rs 60 export --to clickhouse "$url" one.db two.db >out 2>&1
is "the export succeeds" "0:" "$?:$(cat out)"

for table in syscall page_fault trap context_switch wakeup process thread program signal mapping \
	log loss counter event; do
	wanted=$(($(rs 30 sql one.db "SELECT count(*) FROM $table") + $(rs 30 sql two.db "SELECT count(*) FROM $table")))
	is "rows of $table" "$wanted" "$(ask "SELECT count() FROM $table")"
done
query='SELECT name, count(*), sum(duration), min(id), max(result) FROM syscall GROUP BY name ORDER BY name'
for trace in one two; do
	run=$(sqlite3 $trace.db "SELECT value FROM meta WHERE name = 'run'")
	sqlite3 -separator $'\t' -nullvalue '\N' $trace.db "$query" >wanted
	ask "${query/FROM syscall/FROM syscall WHERE run = \'$run\'}" >got
	same "calls of $trace by name" wanted got
	sqlite3 -separator $'\t' $trace.db 'SELECT id, args FROM syscall WHERE args NOT LIKE "%\%" ORDER BY id' |
		grep -v "['\\\\]" >wanted
	ask "SELECT id, args FROM syscall WHERE run = '$run' ORDER BY id" | grep -v "['\\\\]" >got
	same "arguments of $trace" wanted got
	is "the run's own row" "$(sqlite3 -separator $'\t' $trace.db "SELECT
		(SELECT value FROM meta WHERE name = 'command'), (SELECT sum(stored) FROM counter), 0, 1, 1")" \
		"$(ask "SELECT command, events, lost, complete, identity FROM run WHERE run = '$run'")"
done
is "the two runs in one query" 2 "$(ask "SELECT uniq(run) FROM syscall WHERE name = 'execve'")"

rs 60 export --to clickhouse "$url" one.db >out 2>&1
is "a second time nothing is sent" 0 $?
one_line "and it says so" out 'is there already'
is "rows of run" 2 "$(ask 'SELECT count() FROM run')"

rs 30 export --to clickhouse "http://default:wrong@127.0.0.1:$port/fleet" one.db >out 2>&1
is "a wrong password is an error" 2 $?
one_line "the server's words" out 'ClickHouse says'
kill -9 $server
wait $server 2>/dev/null
rs 30 export --to clickhouse "$url" one.db >out 2>&1
is "no server is an error" 2 $?
one_line "and it says so" out 'cannot connect'
rs 30 export --to clickhouse "ftp://x" one.db >out 2>&1
is "no URL is an error" 2 $?
one_line "and it says so" out 'http://'
rs 30 export --to nothing one.db >out 2>&1
is "no such format" 2 $?
finish

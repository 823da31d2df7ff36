#!/usr/bin/env bash
# What diff and profile write of two small recordings that are made without a guest, so
# that it is the same everywhere: text, JSON, JUnit as in golden/, and the page in a browser.
# `RINGSCOPE_GOLDEN=write` renews golden/; read what git shows then.
# Timeout: 180
# Processors: 1
source "$(dirname "$0")/lib.sh"
golden=$(cd "$(dirname "$0")" && pwd)/golden

"$build/tracer/make_synthetic_trace" a.db 60
"$build/tracer/make_synthetic_trace" b.db 60 3

# golden NAME STATUS COMMAND...: what it writes, and its exit status.
golden()
{
	local name=$1 wanted=$2 got=0
	shift 2
	rs 60 "$@" >"$name" 2>errors || got=$?
	is "$name ends with its status" "$wanted" "$got$(cat errors)"
	settled "$name"
}

settled()
{
	[ "${RINGSCOPE_GOLDEN:-}" != write ] || cp "$1" "$golden/$1.golden"
	same "$1 is as it was" "$golden/$1.golden" "$1"
}

golden diff.txt 1 diff --fail-on 'calls > 0, kernel > 0, new errors' --junit diff.xml --html diff.html a.db b.db
settled diff.xml
golden diff.json 1 diff --fail-on 'calls > 0, kernel > 0, new errors' --json a.db b.db
golden equal.txt 0 diff a.db a.db
golden profile.txt 0 profile a.db
golden profile.json 0 profile --json a.db
holds "JUnit is well-formed" xmllint --noout diff.xml
holds "JSON, too" jq -e . diff.json profile.json

echo "the page in a browser"
if command -v chromium >/dev/null; then
	cat >page.html <<-HTML
		$(cat diff.html)
		<script>
		const all = q => [...document.querySelectorAll(q)];
		const widths = all('table').map(t => [...t.rows].map(r => r.cells.length));
		const p = document.createElement('pre'); p.id = 'result';
		p.textContent = [
			all('table').length > 2,
			widths.every(w => w.every(n => n === w[0])),
			all('tr.come').length,
			all('tr.come').every(r => r.textContent.includes('getppid')),
			all('h3').map(h => h.textContent.trim().split(':')[0]).join(),
			all('td').some(d => d.textContent === 'getppid')
		].join(' ');
		document.body.append(p);
		</script>
	HTML
	timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$PWD/browser" --dump-dom "file://$PWD/page.html" >dom 2>browser.log
	is "it has its tables, whole, and the three calls" "true true 3 true init#1 true" \
		"$(sed -n 's/.*<pre id="result">\(.*\)<\/pre>.*/\1/p' dom)"
else
	bad "chromium is not installed: scripts/setup installs it"
fi

finish

-- The tables that `ringscope export --to clickhouse` fills, one run of rows a recording.
-- Each statement ends with a semicolon at the end of a line; the exporter reads names and
-- types of the columns from here, so each stands on a line of its own.  What a column
-- means is said where the trace file has it (tables.sql, evidence.sql).  ReplacingMergeTree: a
-- recording that is exported again, after an export was broken off, does not count twice.
-- For ClickHouse 18.16 and newer.

CREATE TABLE IF NOT EXISTS run (
	run String,
	file String,
	command String,
	started DateTime,
	cpus UInt16,
	mode String,
	exit_status Nullable(Int64),
	duration Int64,
	events UInt64,
	lost UInt64,
	complete UInt8,
	identity Nullable(Int64),
	version String,
	schema String,
	kernel_build_id String,
	kernel_command_line String,
	qemu String,
	host String
) ENGINE = ReplacingMergeTree ORDER BY run;

CREATE TABLE IF NOT EXISTS syscall (
	run String,
	id UInt64,
	tid UInt32,
	pid UInt32,
	cpu UInt16,
	nr UInt32,
	name String,
	enter Int64,
	exit Nullable(Int64),
	duration Nullable(Int64),
	args String,
	result Nullable(Int64),
	error Nullable(String),
	result_text String,
	rip UInt64,
	exit_event Nullable(Int64),
	absent UInt8
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS page_fault (
	run String,
	id UInt64,
	tid UInt32,
	pid UInt32,
	cpu UInt16,
	enter Int64,
	exit Nullable(Int64),
	duration Nullable(Int64),
	addr UInt64,
	rip UInt64,
	error UInt32,
	access String,
	user UInt8,
	cause Nullable(String),
	frame Nullable(Int64)
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS trap (
	run String,
	id UInt64,
	kind String,
	tid UInt32,
	pid UInt32,
	cpu UInt16,
	enter Int64,
	exit Nullable(Int64),
	duration Nullable(Int64),
	vector UInt8,
	rip UInt64,
	user UInt8,
	error Nullable(Int64)
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS context_switch (
	run String,
	id UInt64,
	time Int64,
	cpu UInt16,
	prev UInt32,
	next UInt32,
	reason String,
	wait String,
	space UInt8,
	ready UInt32
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS wakeup (
	run String,
	id UInt64,
	time Int64,
	cpu UInt16,
	waker UInt32,
	tid UInt32,
	target UInt16,
	wait String
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS process (
	run String,
	id UInt64,
	pid UInt32,
	parent Nullable(Int64),
	name String,
	path Nullable(String),
	start Nullable(Int64),
	end Nullable(Int64),
	status Nullable(Int64),
	ended Nullable(String)
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS thread (
	run String,
	id UInt64,
	tid UInt32,
	pid UInt32,
	parent Nullable(Int64),
	kernel UInt8,
	name String,
	start Nullable(Int64),
	end Nullable(Int64),
	running Int64,
	syscalls UInt64,
	faults UInt64,
	switches UInt64
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS program (
	run String,
	id UInt64,
	time Int64,
	tid UInt32,
	pid UInt32,
	name String,
	path Nullable(String)
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS signal (
	run String,
	id UInt64,
	time Int64,
	cpu UInt16,
	tid UInt32,
	what String,
	target UInt32,
	signal String,
	code Nullable(Int64),
	handler Nullable(Int64)
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS mapping (
	run String,
	id UInt64,
	time Int64,
	pid UInt32,
	what String,
	start UInt64,
	length UInt64,
	offset Nullable(Int64),
	prot Nullable(Int64),
	flags Nullable(Int64),
	path Nullable(String)
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS log (
	run String,
	id UInt64,
	time Int64,
	cpu UInt16,
	level Int32,
	text String
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS loss (
	run String,
	id UInt64,
	cpu UInt16,
	cause String,
	count Nullable(Int64),
	after_sequence Nullable(Int64),
	before_sequence Nullable(Int64),
	after_time Nullable(Int64),
	before_time Nullable(Int64)
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

CREATE TABLE IF NOT EXISTS counter (
	run String,
	cpu UInt16,
	event UInt32,
	name Nullable(String),
	emitted Nullable(Int64),
	stored UInt64,
	lost Nullable(Int64)
) ENGINE = ReplacingMergeTree ORDER BY (run, cpu, event);

CREATE TABLE IF NOT EXISTS event (
	run String,
	id UInt64,
	time Int64,
	cpu UInt16,
	tid UInt32,
	pid UInt32,
	kind UInt16,
	name String
) ENGINE = ReplacingMergeTree ORDER BY (run, id);

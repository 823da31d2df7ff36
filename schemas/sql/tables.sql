-- What is decoded from the blocks, once, at the end of a run or when a cut-off file
-- is first read.  schemas/README.md says what each table is for.  Times are ns since
-- the kernel's first line; a NULL end or exit means that the trace has none.

CREATE TABLE way ( -- how the kernel was left, counted from every record that says so
	cpu INTEGER NOT NULL,
	event INTEGER NOT NULL,
	way TEXT NOT NULL,
	count INTEGER NOT NULL
);

CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL, label TEXT NOT NULL);

CREATE TABLE syscall (
	id INTEGER PRIMARY KEY, -- = enter_event
	tid INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	nr INTEGER NOT NULL,
	name TEXT NOT NULL,
	enter INTEGER NOT NULL,
	exit INTEGER,
	duration INTEGER,
	args TEXT NOT NULL, -- decoded, as strace prints them
	args_before TEXT, -- what was known at the entry, where that is less
	arg0 INTEGER, arg1 INTEGER, arg2 INTEGER, arg3 INTEGER, arg4 INTEGER, arg5 INTEGER,
	result INTEGER,
	error TEXT, -- ENOENT, ...
	result_text TEXT NOT NULL,
	rip INTEGER NOT NULL, -- the instruction after SYSCALL
	enter_event INTEGER NOT NULL,
	exit_event INTEGER,
	absent INTEGER NOT NULL, -- 1: the kernel does not have this call
	exit_cpu INTEGER,
	exit_way INTEGER, -- group WAY: 1 by sysret with the result, 0 exit work came first
	text TEXT AS (name || '(' || args || ') = ' || result_text)
);

CREATE TABLE page_fault (
	id INTEGER PRIMARY KEY, -- = enter_event
	tid INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	enter INTEGER NOT NULL,
	exit INTEGER,
	duration INTEGER,
	addr INTEGER NOT NULL,
	rip INTEGER NOT NULL,
	error INTEGER NOT NULL, -- error bits of the CPU
	access TEXT NOT NULL, -- read, write or execute
	user INTEGER NOT NULL, -- 1: from ring 3
	cause TEXT,
	frame INTEGER,
	enter_event INTEGER NOT NULL,
	exit_event INTEGER,
	exit_cpu INTEGER,
	exit_way INTEGER -- group WAY
);

CREATE TABLE trap ( -- interrupts, exceptions other than page faults, NMIs
	id INTEGER PRIMARY KEY, -- = enter_event
	kind TEXT NOT NULL,
	tid INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	enter INTEGER NOT NULL,
	exit INTEGER,
	duration INTEGER,
	vector INTEGER NOT NULL,
	rip INTEGER NOT NULL,
	user INTEGER NOT NULL,
	error INTEGER,
	enter_event INTEGER NOT NULL,
	exit_event INTEGER,
	exit_cpu INTEGER,
	exit_way INTEGER -- group WAY
);

CREATE TABLE crossing_rest ( -- crossings that no call, fault or trap has: exit work, ends without begin
	id INTEGER PRIMARY KEY, -- the event
	time INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	tid INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	cause TEXT NOT NULL, -- what is being left
	way TEXT NOT NULL, -- the instruction
	rip INTEGER -- in user space
);

CREATE TABLE context_switch (
	id INTEGER PRIMARY KEY, -- the event
	time INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	prev INTEGER NOT NULL,
	next INTEGER NOT NULL,
	reason TEXT NOT NULL,
	wait TEXT NOT NULL, -- what prev waits for
	space INTEGER NOT NULL, -- 1: CR3 was loaded
	ready INTEGER NOT NULL -- threads that wait for this CPU
);

CREATE TABLE wakeup (
	id INTEGER PRIMARY KEY, -- the event
	time INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	waker INTEGER NOT NULL,
	tid INTEGER NOT NULL,
	target INTEGER NOT NULL, -- CPU
	wait TEXT NOT NULL
);

CREATE TABLE process (
	id INTEGER PRIMARY KEY, -- pids may come again
	pid INTEGER NOT NULL,
	parent INTEGER,
	name TEXT NOT NULL,
	path TEXT, -- of the last program executed
	start INTEGER,
	end INTEGER,
	status INTEGER, -- wait(2) status word
	ended TEXT -- the same in words
);

CREATE TABLE thread (
	id INTEGER PRIMARY KEY,
	tid INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	parent INTEGER,
	kernel INTEGER NOT NULL, -- 1: has no user space
	name TEXT NOT NULL,
	start INTEGER,
	end INTEGER,
	running INTEGER NOT NULL, -- ns on a CPU
	syscalls INTEGER NOT NULL,
	faults INTEGER NOT NULL,
	switches INTEGER NOT NULL -- away from it
);

CREATE TABLE program ( -- names over time
	id INTEGER PRIMARY KEY, -- the event
	time INTEGER NOT NULL,
	tid INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	name TEXT NOT NULL,
	path TEXT -- of an exec, else NULL
);
CREATE INDEX program_of ON program (tid, id);

CREATE TABLE signal (
	id INTEGER PRIMARY KEY, -- the event
	time INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	tid INTEGER NOT NULL,
	what TEXT NOT NULL, -- sent, delivered
	target INTEGER NOT NULL,
	signal TEXT NOT NULL,
	code INTEGER,
	handler INTEGER
);

CREATE TABLE mapping (
	id INTEGER PRIMARY KEY, -- the event
	time INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	what TEXT NOT NULL, -- map, unmap, protect
	start INTEGER NOT NULL,
	length INTEGER NOT NULL,
	offset INTEGER,
	prot INTEGER,
	flags INTEGER,
	path TEXT
);

CREATE TABLE log (
	id INTEGER PRIMARY KEY, -- the event
	time INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	level INTEGER NOT NULL, -- -1: panic
	text TEXT NOT NULL
);

CREATE TABLE loss (
	id INTEGER PRIMARY KEY,
	cpu INTEGER NOT NULL,
	cause TEXT NOT NULL,
	count INTEGER, -- records; NULL where nobody could count
	after_sequence INTEGER, -- blocks between which they are missing
	before_sequence INTEGER,
	after_time INTEGER,
	before_time INTEGER
);
CREATE INDEX loss_time ON loss (after_time);

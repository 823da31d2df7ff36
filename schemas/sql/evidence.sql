-- The evidence in a trace file, written while the machine runs and never changed.
-- schemas/README.md says what each table is for.  Times are of the guest's TSC.

CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE block (
	id INTEGER PRIMARY KEY, -- order of arrival
	cpu INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	first_time INTEGER NOT NULL, -- TSC
	last_time INTEGER NOT NULL,
	bytes INTEGER NOT NULL, -- as they came
	records INTEGER NOT NULL,
	kinds INTEGER NOT NULL, -- events in it: bit N for the N-th of events.def, from 0
	data BLOB NOT NULL -- struct trace_block and its records; packed if it begins with RSZ1
);

-- Of exact recordings: hashes of all up to an event, every 4,096 events and at the end.
CREATE TABLE running_hash (
	event INTEGER PRIMARY KEY,
	structure INTEGER NOT NULL, -- who did what, and how it was answered
	cost INTEGER NOT NULL -- instructions of each
);

-- The blocks without their bytes, in the order of each CPU.
CREATE INDEX block_order ON block (cpu, sequence, first_time, last_time, kinds);

CREATE TABLE clock (
	id INTEGER PRIMARY KEY,
	host_sent INTEGER NOT NULL, -- CLOCK_MONOTONIC of the host, ns
	host_received INTEGER NOT NULL,
	tsc INTEGER NOT NULL -- when the guest answered
);

CREATE TABLE cpu (
	cpu INTEGER PRIMARY KEY,
	user_ticks INTEGER NOT NULL, -- TSC, from the guest's own exact counts
	kernel_ticks INTEGER NOT NULL,
	idle_ticks INTEGER NOT NULL,
	wait_ticks INTEGER NOT NULL, -- of kernel_ticks: waiting for room in the ring
	blocks INTEGER NOT NULL,
	online INTEGER, -- TSC when it said that it runs; NULL: the record is not here
	closed INTEGER -- TSC when its last block was closed
);

CREATE TABLE counter (
	cpu INTEGER NOT NULL,
	event INTEGER NOT NULL,
	name TEXT,
	emitted INTEGER, -- by the guest's counters; NULL: they never came
	stored INTEGER NOT NULL, -- counted in the blocks of this file
	lost INTEGER, -- by the guest's counters
	filtered INTEGER, -- not wanted, by the guest's counters
	missing INTEGER, -- what is left over: in blocks that never arrived, whose headers prove the sum
	PRIMARY KEY (cpu, event)
) WITHOUT ROWID;

CREATE TABLE loss_total ( -- lost, by cause, from the guest's counters
	cpu INTEGER NOT NULL,
	cause INTEGER NOT NULL, -- group LOSS of schemas/enums.def
	event INTEGER NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (cpu, cause, event)
) WITHOUT ROWID;

CREATE TABLE given ( -- what the guest was given at its start; an exact run is a function of it
	name TEXT PRIMARY KEY, -- a path of its first file system, or "environment NAME"
	hash INTEGER NOT NULL -- of the contents, mode and time; of the variable
) WITHOUT ROWID;

CREATE TABLE input ( -- what run --record-replay keeps, to run it again
	name TEXT PRIMARY KEY, -- initramfs, kernel, file tree; in pieces of 32 MiB, from the second on numbered
	bytes INTEGER NOT NULL,
	data BLOB NOT NULL -- a zstd frame
);

CREATE TABLE core ( -- ELF core files of programs that died of a signal
	id INTEGER PRIMARY KEY,
	pid INTEGER NOT NULL,
	signal INTEGER NOT NULL,
	bytes INTEGER, -- of the file; NULL: the recording ended before it did
	omitted INTEGER -- bytes of memory that --core-limit left out of it
);

CREATE TABLE core_data ( -- their bytes; what no row has is zeros
	id INTEGER PRIMARY KEY,
	core INTEGER NOT NULL,
	offset INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	data BLOB NOT NULL -- a zstd frame
);

CREATE TABLE kernel_function ( -- of recordings with functions or stacks: the kernel's symbols
	address INTEGER PRIMARY KEY, -- as its file gives it
	size INTEGER NOT NULL, -- 0: up to the next one
	name TEXT NOT NULL
);

-- What was found in the memory of a guest that stopped by a panic, a triple fault or a hang
-- (tracer/salvage/).  Addresses are of the guest; registers are struct salvage_registers.

CREATE TABLE salvaged_block ( -- of table block, those that came from memory
	cpu INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	unfinished INTEGER NOT NULL, -- records that were being written, left out
	PRIMARY KEY (cpu, sequence)
) WITHOUT ROWID;

CREATE TABLE stopped_cpu (
	cpu INTEGER PRIMARY KEY,
	tid INTEGER NOT NULL, -- thread on it
	source TEXT NOT NULL, -- whose registers: 'kernel' (saved when it stopped), 'qemu', 'none'
	cr2 INTEGER NOT NULL,
	cr3 INTEGER NOT NULL,
	registers BLOB NOT NULL
);

CREATE TABLE stopped_thread (
	tid INTEGER PRIMARY KEY,
	pid INTEGER NOT NULL,
	name TEXT NOT NULL,
	state TEXT NOT NULL, -- running, ready, sleeping, ...
	wait INTEGER NOT NULL, -- group WAIT of schemas/enums.def
	cpu INTEGER NOT NULL,
	registers BLOB -- where it goes on; NULL: it is on its CPU
);

CREATE TABLE stopped_frame ( -- stacks in the kernel, innermost first
	cpu INTEGER NOT NULL, -- of a CPU; -1: of a thread
	tid INTEGER NOT NULL,
	depth INTEGER NOT NULL,
	address INTEGER NOT NULL,
	kind TEXT NOT NULL, -- at, return (behind a call), struck (by a trap), user
	PRIMARY KEY (cpu, tid, depth)
) WITHOUT ROWID;

CREATE TABLE held_lock (
	address INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	rank INTEGER NOT NULL,
	cpu INTEGER NOT NULL
);

CREATE TABLE memory ( -- physical; what is not here is zero
	address INTEGER PRIMARY KEY,
	data BLOB NOT NULL -- zstd
);

CREATE TABLE symbol ( -- of run --flight: what the stories of its crashes ask of files
	path TEXT NOT NULL,
	question INTEGER NOT NULL, -- enum kept_question of tracer/symbols/kept.h
	address INTEGER NOT NULL,
	found INTEGER NOT NULL,
	name TEXT,
	offset INTEGER,
	file TEXT,
	line INTEGER,
	PRIMARY KEY (path, question, address)
) WITHOUT ROWID;

CREATE TABLE symbol_file ( -- the code that was mapped: its files as they were at the end
	path TEXT PRIMARY KEY,
	build_id TEXT NOT NULL, -- GNU build id as hex; a digest if it has none; empty: not known
	data BLOB -- of what is no file of the host: the vDSO, if there are stacks
) WITHOUT ROWID;

-- What makes any place of a trace reachable in milliseconds; derived from the blocks.
-- tracer/state.h and tracer/lod.h say what is in the bytes.

CREATE TABLE keyframe ( -- the state after event id, every 16384 events
	id INTEGER PRIMARY KEY,
	time INTEGER NOT NULL, -- of that event
	base INTEGER, -- the keyframe whose bytes this one's are a difference to; NULL: none
	size INTEGER NOT NULL, -- of the bytes, unpacked
	kinds INTEGER NOT NULL, -- of the events since the keyframe before: bit N for the N-th of events.def, from 0
	errors INTEGER NOT NULL, -- system calls among them that failed
	data BLOB NOT NULL -- zstd: where each CPU's blocks stand, then the state
);

CREATE TABLE summary ( -- which chunks of 16384 events a search may leave out
	chunk INTEGER PRIMARY KEY, -- of events chunk * 16384 + 1 and on
	letters BLOB NOT NULL -- which three letters stand together in what it says (tracer/index/summary.h)
);

CREATE TABLE lod ( -- sums over buckets of 2^(12 + 2 * level) ns
	level INTEGER NOT NULL,
	first INTEGER NOT NULL, -- bucket
	last INTEGER NOT NULL,
	size INTEGER NOT NULL, -- of the bytes, unpacked
	data BLOB NOT NULL, -- zstd: the lanes of each bucket in which something happened
	PRIMARY KEY (level, first)
) WITHOUT ROWID;

CREATE TABLE lane ( -- each thread of the trace: what reports and pictures call it
	lane INTEGER PRIMARY KEY, -- 65 is the first thread, as tids come again
	tid INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	parent INTEGER NOT NULL, -- tid
	kernel INTEGER NOT NULL, -- 1: has no user space
	start INTEGER NOT NULL, -- ns; seen first, if it was there before the recording
	end INTEGER, -- NULL: still there
	name TEXT NOT NULL
);

-- The keyframes without their bytes, in one place.
CREATE INDEX keyframe_list ON keyframe (id, time, kinds, errors);

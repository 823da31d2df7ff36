/* Model of the trace ring (kernel/trace/ring.c): one CPU's producers nested in
 * each other, thread < interrupt < NMI, and the consumer on another CPU.
 *
 * A position is block * 8 + offset; offset 0 is the block's header, one unit, then
 * CAPACITY records of one unit; offset 7 says closed.  Every statement is one
 * memory access, as in the C code.  Interrupts may come between any two.
 *
 * Checked in every order of steps: a record that was reserved is handed over once,
 * whole and in the order of time, or counted as lost; a block is complete when it
 * is handed over and does not change until it is released; nobody gets stuck.
 *
 * With -DFLIGHT the ring is a flight recorder: producers overwrite the oldest block,
 * the consumer freezes the ring, takes what was kept and lets it go on.  Then also:
 * what is overwritten is counted, is complete, and is not what the consumer has.
 *
 * -D with one of the MUTATE_ names breaks one rule of the algorithm; each must
 * make an assertion fail, which shows that the assertions look at it. */

#define BLOCKS   2
#define CAPACITY 2
#define UNITS    3 /* header and records */
#define CLOSED   7

#ifndef THREAD_RECORDS
#define THREAD_RECORDS 3
#endif
#ifndef INTERRUPTS
#define INTERRUPTS 1
#endif
#ifndef INTERRUPT_RECORDS
#define INTERRUPT_RECORDS 2
#endif
#ifndef NMI_RECORDS
#define NMI_RECORDS 2
#endif
#define RECORDS (THREAD_RECORDS + INTERRUPTS * INTERRUPT_RECORDS + NMI_RECORDS)

#define BLOCK(position) ((position) / 8)
#define SLOT(position)  (((position) / 8) % BLOCKS)
#define OFFSET(position) ((position) & 7)

/* struct ring.  Counting from block 1: before block 1, "block 0" is closed. */
short head = CLOSED;
short end;
byte released = 1, taken = 1; /* block numbers */
byte closed[BLOCKS];          /* struct ring_slot.closed */
byte emitted, lost, stored, overwritten;
byte mark[BLOCKS]; /* struct ring_slot.released */
byte frozen, frozen_end;
byte bytes[BLOCKS], records[BLOCKS]; /* the counter */

/* Memory of the blocks: sequence in the header; who wrote and when in a record. */
byte sequence[BLOCKS];
byte header[BLOCKS * UNITS], payload[BLOCKS * UNITS];

/* Not part of the algorithm: what the assertions need. */
byte clock = 1;
byte latest;                 /* time of the last record handed over */
bool seen[RECORDS];
byte before[BLOCKS * UNITS]; /* payloads when the block was handed over */
bool in_interrupt, in_nmi;
byte finished;

/* A non-LOCK compare-exchange: one instruction. */
#ifdef MUTATE_RESERVE_IN_TWO
#define CMPXCHG(from, to, won)                                                                     \
	won = (head == from);                                                                      \
	if                                                                                         \
	:: won -> head = to                                                                        \
	:: else -> skip                                                                            \
	fi
#else
#define CMPXCHG(from, to, won)                                                                     \
	atomic {                                                                                   \
		won = (head == from);                                                              \
		if                                                                                 \
		:: won -> head = to                                                                \
		:: else -> skip                                                                    \
		fi                                                                                 \
	}
#endif

#define READ_TIME(t)                                                                               \
	atomic {                                                                                   \
		t = clock;                                                                         \
		clock++                                                                            \
	}

/* Add to the counter of a block: one instruction. */
#ifdef MUTATE_COMMIT_IN_TWO
#define COMMIT(slot, count)                                                                        \
	value = bytes[slot];                                                                       \
	d_step {                                                                                   \
		bytes[slot] = value + 1;                                                           \
		records[slot] = records[slot] + count                                              \
	}
#else
#define COMMIT(slot, count)                                                                        \
	d_step {                                                                                   \
		bytes[slot] = bytes[slot] + 1;                                                     \
		records[slot] = records[slot] + count                                              \
	}
#endif

#ifdef MUTATE_TAKE_UNCOMMITTED
#define COMPLETE(slot) (closed[slot] != 0)
#else
#define COMPLETE(slot) (closed[slot] != 0 && bytes[slot] == closed[slot])
#endif

/* Take block `number`, if it still is the oldest: a LOCKed compare-exchange. */
#ifdef MUTATE_CLAIM_IN_TWO
#define CLAIM(number, won)                                                                         \
	won = (taken == number);                                                                   \
	if                                                                                         \
	:: won -> taken = number + 1                                                               \
	:: else -> skip                                                                            \
	fi
#else
#define CLAIM(number, won)                                                                         \
	atomic {                                                                                   \
		won = (taken == number);                                                           \
		if                                                                                 \
		:: won -> taken = number + 1                                                       \
		:: else -> skip                                                                    \
		fi                                                                                 \
	}
#endif

/* block_free: uses `number` and `won`. */
inline block_free()
{
	d_step {
		bytes[number % BLOCKS] = 0;
		records[number % BLOCKS] = 0
	}
	closed[number % BLOCKS] = 0;
	mark[number % BLOCKS] = number;
	do
	:: true ->
		number = released;
		atomic {
			won = (mark[number % BLOCKS] == number);
			if
			:: won -> mark[number % BLOCKS] = 0
			:: else -> skip
			fi
		}
		if
#ifdef MUTATE_RELEASE_ONCE
		:: won -> released = number + 1; break
#else
		:: won -> released = number + 1
#endif
		:: else -> break
		fi
	od
}

/* A producer found no room: does the oldest block make some? */
#ifdef FLIGHT
#ifdef MUTATE_OVERWRITE_IN_FLIGHT
#define OLDEST released
#else
#define OLDEST taken
#endif
inline block_overwrite()
{
	number = OLDEST;
	if
	:: frozen == 0 && number == released && COMPLETE(number % BLOCKS) ->
#ifdef MUTATE_OVERWRITE_IN_FLIGHT
		won = true;
#else
		CLAIM(number, won);
#endif
		if
		:: won ->
			d_step {
#ifndef MUTATE_OVERWRITE_NOT_COUNTED
				overwritten = overwritten + records[number % BLOCKS];
#endif
				for (j : 1 .. closed[number % BLOCKS] - 1) {
					header[(number % BLOCKS) * UNITS + j] = 0;
					payload[(number % BLOCKS) * UNITS + j] = 0
				}
				j = 0
			}
			block_free()
		:: else -> skip
		fi
	:: else ->
		lost++;
		done = true
	fi;
	number = 0
}
#else
inline block_overwrite()
{
#ifndef MUTATE_LOSS_NOT_COUNTED
	lost++;
#endif
	done = true
}
#endif

inline block_open()
{
	value = released;
	if
#ifndef MUTATE_OPEN_IN_USE
	:: BLOCK(at + 1) - value >= BLOCKS -> block_overwrite()
#endif
	:: else ->
#ifdef MUTATE_END_AHEAD
		end = at + 1 + UNITS;
#endif
		CMPXCHG(at, at + 2, won); /* the next block, behind its header */
		if
		:: won ->
			end = at + 1 + UNITS;
			sequence[SLOT(at + 1)] = BLOCK(at + 1);
#ifdef MUTATE_OPENER_RESETS
			bytes[SLOT(at + 1)] = 1
#else
			COMMIT(SLOT(at + 1), 0)
#endif
		:: else -> skip
		fi
	fi
}

inline block_close()
{
	CMPXCHG(at, at - OFFSET(at) + CLOSED, won);
	if
	:: won -> closed[SLOT(at)] = OFFSET(at)
	:: else -> skip
	fi
}

inline record_write(id)
{
	CMPXCHG(at, at + 1, won);
	if
	:: won ->
		header[SLOT(at) * UNITS + OFFSET(at)] = time;
		payload[SLOT(at) * UNITS + OFFSET(at)] = id + 1;
#ifndef MUTATE_FORGET_COMMIT
		COMMIT(SLOT(at), 1);
#else
		if
		:: id == 0 -> COMMIT(SLOT(at), 1)
		:: else -> skip
		fi;
#endif
		done = true
	:: else -> skip
	fi
}

inline reserve_slow(id)
{
	at = head;
	if
	:: OFFSET(at) == CLOSED -> block_open()
	:: OFFSET(at) == UNITS -> block_close()
	:: else ->
#ifndef MUTATE_TIME_OUTSIDE
		READ_TIME(time);
#endif
		record_write(id)
	fi
}

/* ring_reserve, ring_reserve_slow and ring_commit: what finds room by `end` does not look
 * at the offset. */
inline emit(id)
{
	emitted++;
	done = false;
#ifdef MUTATE_TIME_OUTSIDE
	READ_TIME(time);
#endif
	do
	:: done -> break
	:: else ->
		at = head;
		if
		:: at < end ->
#ifndef MUTATE_TIME_OUTSIDE
			READ_TIME(time);
#endif
			record_write(id)
		:: else -> reserve_slow(id)
		fi
	od;
	at = 0;
	time = 0;
	value = 0;
	won = false;
	done = false
}

#define PRODUCER_STATE                                                                             \
	short at;                                                                                  \
	byte value, time;                                                                          \
	byte i, j, number;                                                                         \
	bool won, done

active proctype nmi()
{
	PRODUCER_STATE;

	in_nmi = true;
	for (i : 0 .. NMI_RECORDS - 1) {
		emit(RECORDS - 1 - i)
	}
	atomic {
		in_nmi = false;
		finished++
	}
}

active proctype interrupt() provided (!in_nmi)
{
	PRODUCER_STATE;
	byte n;

	for (n : 0 .. INTERRUPTS - 1) {
		in_interrupt = true;
		for (i : 0 .. INTERRUPT_RECORDS - 1) {
			emit(THREAD_RECORDS + n * INTERRUPT_RECORDS + i)
		}
		in_interrupt = false
	}
	finished++
}

/* The CPU's part of a freeze: what is kept ends here. */
inline freeze_end()
{
	do
	:: at = head;
		if
		:: OFFSET(at) != CLOSED && OFFSET(at) > 1 -> block_close()
		:: else -> break
		fi
	od;
	frozen_end = BLOCK(at) + (OFFSET(at) == CLOSED -> 1 : 0);
	frozen = 2;
	at = 0;
	won = false
}

active proctype thread() provided (!in_nmi && !in_interrupt)
{
	PRODUCER_STATE;

	for (i : 0 .. THREAD_RECORDS - 1) {
		emit(i);
#ifdef FLIGHT
		if
		:: frozen == 1 -> freeze_end()
		:: else -> skip
		fi
#endif
	}
	finished == 2; /* then the last block is closed, as at the end of a recording */
	at = head;
	if
	:: OFFSET(at) != CLOSED && OFFSET(at) > 1 -> block_close()
	:: else -> skip
	fi;
	finished++
}

/* What the host finds in the block that is handed over. */
inline judge(block)
{
	d_step {
		judge_slot(block, (block) % BLOCKS)
	}
}

inline judge_slot(block, slot)
{
		assert(sequence[slot] == block);
		assert(records[slot] == closed[slot] - 1);
		for (i : 1 .. closed[slot] - 1) {
			assert(header[slot * UNITS + i] > latest);
			latest = header[slot * UNITS + i];
			assert(payload[slot * UNITS + i] != 0);
			assert(!seen[payload[slot * UNITS + i] - 1]);
			seen[payload[slot * UNITS + i] - 1] = true;
			before[slot * UNITS + i] = payload[slot * UNITS + i]
		}
		i = 0;
		stored = stored + records[slot]
}

inline still(slot)
{
	d_step { /* the host has read it: nothing may have changed under its hands */
		for (i : 1 .. closed[slot] - 1) {
			assert(before[slot * UNITS + i] == payload[slot * UNITS + i]);
			before[slot * UNITS + i] = 0;
			header[slot * UNITS + i] = 0;
			payload[slot * UNITS + i] = 0
		}
		i = 0
	}
}

inline release(slot)
{
	still(slot);
#ifdef MUTATE_RELEASE_EARLY
	released++;
	d_step {
		bytes[slot] = 0;
		records[slot] = 0
	}
	closed[slot] = 0
#else
	d_step {
		bytes[slot] = 0;
		records[slot] = 0
	}
	closed[slot] = 0;
	released++
#endif
}

#ifdef MUTATE_TAKE_AGAIN
#define MAY_TAKE true
#else
#define MAY_TAKE (taken - released < BLOCKS)
#endif
#ifdef FLIGHT
#define KEPT (finished < 3 && (frozen == 0 || (frozen == 2 && taken >= frozen_end)))

active proctype consumer()
{
	byte i, number;
	bool won, have, froze;

	do
	:: !froze ->
		froze = true;
		frozen = 1
	:: !have && !KEPT && MAY_TAKE && COMPLETE(taken % BLOCKS) ->
		number = taken;
		if
		:: COMPLETE(number % BLOCKS) -> CLAIM(number, won)
		:: else -> won = false
		fi;
		if
		:: won ->
			judge(number);
			have = true
		:: else -> skip
		fi
	:: have ->
		still(number % BLOCKS);
		block_free();
		have = false
	:: frozen == 2 && released >= frozen_end && !have -> frozen = 0
	:: finished == 3 && froze && !have && !COMPLETE(taken % BLOCKS) -> break
	od;
	assert(emitted == RECORDS);
	assert(emitted == stored + lost + overwritten);
	assert(released == taken);
	assert(taken == BLOCK(head) + (OFFSET(head) == CLOSED -> 1 : 0))
}
#else
active proctype consumer()
{
	byte i;

	do
	:: MAY_TAKE && COMPLETE(taken % BLOCKS) ->
		judge(taken);
		taken++
	:: taken > released -> release(released % BLOCKS)
	:: finished == 3 && taken == released && !COMPLETE(taken % BLOCKS) -> break
	od;
	assert(emitted == RECORDS);
	assert(emitted == stored + lost);
	assert(OFFSET(head) == CLOSED || OFFSET(head) == 1);
	assert(taken == BLOCK(head) + (OFFSET(head) == CLOSED -> 1 : 0))
}
#endif

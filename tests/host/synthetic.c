#include "tests/host/synthetic.h"

#include <stdio.h>
#include <string.h>

#include "tracer/store/meta.h"
#include "tracer/tables/tables.h"

static void block_open(struct synthetic *s, unsigned cpu)
{
	struct synthetic_cpu *c = &s->cpu[cpu];

	c->head.magic = TRACE_BLOCK_MAGIC;
	c->head.version = TRACE_VERSION;
	c->head.cpu = (uint16_t)cpu;
	c->head.first_time = s->tsc;
	c->head.bytes = sizeof(c->head);
	c->head.records = 0;
	c->head.tid = c->tid;
}

struct trace_hello synthetic_hello(unsigned cpus)
{
	return (struct trace_hello){
		.schema = RINGSCOPE_SCHEMA_HASH,
		.tsc_hz = SYNTHETIC_HZ,
		.boot_tsc = SYNTHETIC_BOOT,
		.realtime_ns = 1700000000000000000ull,
		.cpus = cpus,
		.block_bytes = SYNTHETIC_BLOCK_BYTES,
		.blocks_per_cpu = 16,
		.mode = MODE_LOSSLESS,
	};
}

bool synthetic_open(struct synthetic *s, const char *path, unsigned cpus)
{
	const struct trace_hello hello = synthetic_hello(cpus);
	struct error why = { 0 };
	char schema[32];

	memset(s, 0, sizeof(*s));
	s->cpus = cpus;
	s->tsc = SYNTHETIC_BOOT + 1000;
	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		s->cpu[cpu].stats.cpu = cpu;
		s->cpu[cpu].stats.events = EV_LIMIT;
		block_open(s, cpu);
	}
	if (!path)
		return true;
	snprintf(schema, sizeof(schema), "%016llx", (unsigned long long)RINGSCOPE_SCHEMA_HASH);
	if (store_create(&s->store, path, false, &why) || store_hello(s->store, &hello, &why) ||
	    meta_set_text(store_database(s->store), "schema", schema) ||
	    meta_set_text(store_database(s->store), "command", "sh -c 'echo hello | tr a-z A-Z'")) {
		fprintf(stderr, "%s\n", why.text);
		return false;
	}
	return true;
}

void synthetic_flush(struct synthetic *s, unsigned cpu)
{
	struct synthetic_cpu *c = &s->cpu[cpu];
	struct error why = { 0 };

	if (c->head.records == 0)
		return;
	c->head.last_time = s->tsc;
	memcpy(c->bytes, &c->head, sizeof(c->head));
	c->stats.blocks++;
	if (s->sink)
		s->sink(&c->head, c->bytes);
	if (s->store && store_block(s->store, &c->head, c->bytes, &why))
		fprintf(stderr, "%s\n", why.text);
	c->head.sequence++;
	block_open(s, cpu);
}

void synthetic_emit(struct synthetic *s, unsigned cpu, unsigned id, const void *fixed,
		    size_t fixed_bytes, const void *tail, size_t tail_bytes)
{
	struct synthetic_cpu *c = &s->cpu[cpu];
	const size_t words = 1 + (fixed_bytes + tail_bytes + 7) / 8;
	uint64_t *to;

	if (c->head.bytes + words * 8 > SYNTHETIC_BLOCK_BYTES)
		synthetic_flush(s, cpu);
	to = c->bytes + c->head.bytes / 8;
	memset(to, 0, words * 8);
	s->tsc++;
	to[0] = trace_word(id, (unsigned)words, s->tsc);
	memcpy(to + 1, fixed, fixed_bytes);
	if (tail_bytes)
		memcpy((char *)(to + 1) + fixed_bytes, tail, tail_bytes);
	c->head.bytes += (uint32_t)(words * 8);
	c->head.records++;
	c->head.emitted++;
	c->stats.emitted[id]++;
	s->records++;
	if (id == EV_context_switch)
		c->tid = ((const struct ev_context_switch *)fixed)->next;
}

void synthetic_lose(struct synthetic *s, unsigned cpu, unsigned id, unsigned cause)
{
	s->cpu[cpu].head.emitted++;
	s->cpu[cpu].head.lost[cause]++;
	s->cpu[cpu].stats.emitted[id]++;
	s->cpu[cpu].stats.lost[cause][id]++;
}

void synthetic_wait(struct synthetic *s, uint64_t ticks)
{
	s->tsc += ticks;
}

bool synthetic_close(struct synthetic *s, bool end, uint32_t status)
{
	const struct trace_bye bye = { .reason = 0, .status = status };
	struct error why = { 0 };
	int failed = 0;

	for (unsigned cpu = 0; cpu < s->cpus; cpu++) {
		struct trace_stats *stats = &s->cpu[cpu].stats;

		synthetic_flush(s, cpu);
		stats->user_ticks = (s->tsc - SYNTHETIC_BOOT) / 2;
		stats->kernel_ticks = (s->tsc - SYNTHETIC_BOOT) / 4;
		stats->idle_ticks = (s->tsc - SYNTHETIC_BOOT) / 4;
		if (end && s->store)
			failed |= store_stats(s->store, stats, &why);
	}
	if (!s->store)
		return true;
	if (end)
		failed |= store_bye(s->store, &bye, &why);
	failed |= store_commit(s->store, &why);
	if (!failed && end)
		failed = tables_build(store_database(s->store), true, NULL, &why);
	failed |= store_close(s->store, &why);
	if (failed)
		fprintf(stderr, "%s\n", why.text);
	return !failed;
}

void synthetic_call(struct synthetic *s, unsigned cpu, unsigned nr, unsigned args, uint64_t a0,
		    uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	const uint64_t words[6] = { a0, a1, a2, a3, a4, a5 };

	synthetic_wait(s, 300);
	SYNTHETIC_TAIL(s, cpu, syscall_enter, words, args * 8, .rip = 0x401234, .nr = nr);
}

void synthetic_data(struct synthetic *s, unsigned cpu, unsigned arg, unsigned what,
		    const void *bytes, size_t length)
{
	const size_t kept = length < 256 ? length : 256;

	SYNTHETIC_TAIL(s, cpu, syscall_data, bytes, kept, .arg = arg, .what = what, .length = kept,
		       .total = length);
}

void synthetic_return(struct synthetic *s, unsigned cpu, int64_t result)
{
	synthetic_wait(s, 200);
	SYNTHETIC_EMIT(s, cpu, syscall_return, .result = (uint64_t)result);
}

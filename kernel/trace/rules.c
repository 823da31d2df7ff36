#include "kernel/trace/rules.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/trace/trace.h"
#include "kernel/trace/wire.h"

#define CALLS     512 /* SYSCALL_LIMIT */
#define LATE      (RULE_RESULT | RULE_LATENCY | RULE_PATH)
#define OF_CALLS  (RULE_CALLS | LATE)
#define ALL_RULES ((uint16_t)~0)

/* A compiled set.  A rule is the bit 1 << its index. */
struct rules {
	uint32_t number, count;
	uint16_t keep, trigger;      /* by action */
	uint16_t of_calls;           /* hold for records of calls only */
	uint16_t late;               /* of these: judged when a call ends */
	uint16_t crash;              /* triggers on a crash */
	uint16_t by_event[EV_LIMIT]; /* KEEP rules that can hold for it */
	uint16_t by_call[CALLS + 1]; /* rules that can hold for it; the last: for others */
	uint16_t by_signal[65];      /* triggers */
	struct trace_rule rule[TRACE_RULES_MAX];
};

/* The set in force is never written.  A CPU that still reads the one before it, in
 * code that an interrupt holds up, may misjudge a record, no more. */
static struct rules sets[2];
static struct rules *latest = &sets[0]; /* [a] */
static struct trace_rule coming[TRACE_RULES_MAX];

static bool is_of_call(unsigned id)
{
	switch (id) {
	case EV_syscall_enter:
	case EV_syscall_return:
	case EV_syscall_result:
	case EV_syscall_data:
	case EV_syscall_absent:
	case EV_syscall_late:
	case EV_user_enter:
		return true;
	default:
		return false;
	}
}

/* Without these nothing else could be read: who runs, who is who, and what the
 * recorder did. */
static bool is_kept_always(unsigned id)
{
	switch (id) {
	case EV_context_switch:
	case EV_thread_create:
	case EV_thread_exit:
	case EV_process_exit:
	case EV_exec:
	case EV_thread_name:
	case EV_thread_alive:
	case EV_trace_rules:
	case EV_trace_trigger:
	case EV_trace_wait:
	case EV_log:
	case EV_panic:
	case EV_function_enter:
	case EV_function_exit:
	case EV_function_cost:
	case EV_stack:
	case EV_stack_more:
		return true;
	default:
		return false;
	}
}

/* --- Compiling ------------------------------------------------------------------ */

static bool bit_of(const uint64_t *bits, unsigned n)
{
	return bits[n / 64] >> (n % 64) & 1;
}

static void events_compile(struct rules *s, const struct trace_rule *r, uint16_t bit)
{
	for (unsigned id = 0; id < EV_LIMIT; id++) {
		if (r->terms & RULE_EVENTS && !bit_of(r->events, id))
			continue;
		if (r->terms & OF_CALLS && !is_of_call(id))
			continue;
		s->by_event[id] |= bit;
	}
}

static void rule_compile(struct rules *s, const struct trace_rule *r, unsigned index)
{
	uint16_t bit = (uint16_t)(1u << index);

	s->rule[index] = *r;
	s->rule[index].path[TRACE_RULE_PATH_SIZE - 1] = '\0';
	for (unsigned i = 0; i < TRACE_RULE_NAMES; i++)
		s->rule[index].programs[i][TRACE_RULE_NAME_SIZE - 1] = '\0';
	if (r->terms & OF_CALLS)
		s->of_calls |= bit;
	if (r->terms & LATE)
		s->late |= bit;
	if (r->action == RULE_KEEP) {
		s->keep |= bit;
		events_compile(s, r, bit);
	} else {
		s->trigger |= bit;
		for (int sig = 1; sig <= 64; sig++) {
			if (r->terms & RULE_SIGNALS && bit_of(&r->signals, (unsigned)sig - 1))
				s->by_signal[sig] |= bit;
		}
		if (r->terms & RULE_CRASH)
			s->crash |= bit;
		if (!(r->terms & OF_CALLS))
			return;
	}
	for (unsigned nr = 0; nr <= CALLS; nr++) {
		if (!(r->terms & RULE_CALLS) || (nr < CALLS && bit_of(r->calls, nr)))
			s->by_call[nr] |= bit;
	}
}

static void set_compile(unsigned count)
{
	struct rules *old = latest, *s = old == &sets[0] ? &sets[1] : &sets[0];

	memset(s, 0, sizeof(*s));
	s->number = old->number + 1;
	s->count = count;
	for (unsigned i = 0; i < count; i++)
		rule_compile(s, &coming[i], i);
	__atomic_store_n(&latest, s, __ATOMIC_RELEASE);
}

void rules_take(const struct trace_rule *rule)
{
	if (rule->count == 0) {
		set_compile(0);
	} else if (rule->count <= TRACE_RULES_MAX && rule->index < rule->count) {
		coming[rule->index] = *rule;
		if (rule->index + 1 == rule->count)
			set_compile(rule->count);
	}
}

static const struct rules *rules_now(void)
{
	return __atomic_load_n(&latest, __ATOMIC_ACQUIRE);
}

bool rules_settled(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		const struct ring *r = cpus[cpu] ? cpus[cpu]->ring : NULL;

		if (r && __atomic_load_n(&r->rules, __ATOMIC_ACQUIRE) != rules_now()->number)
			return false;
	}
	return true;
}

uint32_t rules_set(void)
{
	return rules_now()->number;
}

void rules_apply(void)
{
	const struct rules *s = rules_now();
	struct cpu *c = this_cpu();
	struct ring *r = c->ring;

	if (r->rules == s->number || trace_mode == MODE_OFF)
		return;
	for (unsigned id = 0; id < EV_LIMIT; id++) {
		if (event_exists(id))
			ring_want(r, id, !s->keep || s->by_event[id] || is_kept_always(id));
	}
	c->trace_watched = s->count;
	__atomic_store_n(&r->rules, s->number, __ATOMIC_RELEASE);
	wire_state_changed();
	TRACE(trace_rules, .set = s->number, .rules = s->count);
}

/* --- Threads -------------------------------------------------------------------- */

static bool is_among(const uint32_t *ids, uint32_t id)
{
	for (unsigned i = 0; i < TRACE_RULE_IDS; i++) {
		if (ids[i] && ids[i] == id)
			return true;
	}
	return false;
}

static bool has_name(const struct trace_rule *r, const char *name)
{
	for (unsigned i = 0; i < TRACE_RULE_NAMES; i++) {
		if (r->programs[i][0] && !strcmp(r->programs[i], name))
			return true;
	}
	return false;
}

/* Does a term hold?  Rules without it hold. */
static bool holds(const struct trace_rule *r, unsigned term, bool fact)
{
	return !(r->terms & term) || fact != !!(r->negated & term);
}

static bool holds_for(const struct trace_rule *r, const struct trace_thread *t)
{
	return holds(r, RULE_PIDS, is_among(r->pids, t->pid)) &&
	       holds(r, RULE_TIDS, is_among(r->tids, t->tid)) &&
	       holds(r, RULE_PROGRAMS, has_name(r, t->name));
}

static uint16_t thread_holds(const struct rules *s, struct trace_thread *t)
{
	uint16_t mask = 0;

	if (likely(t->set == s->number))
		return t->holds;
	for (unsigned i = 0; i < s->count; i++) {
		if (t->name && holds_for(&s->rule[i], t))
			mask |= (uint16_t)(1u << i);
	}
	t->holds = mask;
	t->set = s->number;
	return mask;
}

/* --- Records ----------------------------------------------------------------------- */

static void fire(const struct rules *s, uint16_t mask)
{
	for (unsigned i = 0; i < s->count; i++) {
		if (mask >> i & 1) {
			TRACE(trace_trigger, .rule = i, .set = s->number);
			wire_trigger();
		}
	}
}

bool rules_keep(unsigned id)
{
	const struct rules *s = rules_now();
	struct trace_thread *t = this_cpu()->trace_thread;

	if (!s->keep || is_kept_always(id) || !t)
		return true;
	if (!is_of_call(id) || t->call == CALL_NONE)
		return thread_holds(s, t) & s->by_event[id] & ~s->of_calls;
	if (id == EV_user_enter || id == EV_syscall_return) {
		bool kept = t->call == CALL_KEPT;

		t->call = CALL_NONE;
		return kept && t->keep & s->by_event[id];
	}
	return t->call == CALL_KEPT && t->keep & s->by_event[id];
}

bool rules_call_begin(struct trace_thread *t)
{
	const struct rules *s = rules_now();
	uint16_t mask = s->by_call[MIN(t->nr, CALLS)] & thread_holds(s, t);

	t->entered = local_time();
	t->pending_words = 0;
	t->path = 0;
	t->fire = mask & s->trigger;
	t->keep = s->keep ? mask & s->keep : ALL_RULES;
	if (t->keep & ~s->late || !s->keep) {
		t->call = CALL_KEPT;
		t->keep &= ~s->late;
	} else {
		t->call = t->keep ? CALL_LATE : CALL_GONE;
	}
	if (t->fire & ~s->late)
		fire(s, t->fire & ~s->late);
	t->fire &= s->late;
	return t->call == CALL_KEPT && (!s->keep || t->keep & s->by_event[EV_syscall_enter]);
}

static bool path_is(const struct trace_rule *r, const char *path, size_t length)
{
	size_t wanted = strlen(r->path);

	length = strnlen(path, length);
	return r->path_prefix ? length >= wanted && !memcmp(path, r->path, wanted)
			      : length == wanted && !memcmp(path, r->path, wanted);
}

static void data_put_aside(struct trace_thread *t, const struct ev_syscall_data *fixed,
			   const void *bytes)
{
	unsigned words = 2 + (fixed->length + 7u) / 8;
	uint64_t *to = t->pending + t->pending_words;

	if (t->pending_words + words > TRACE_PENDING_WORDS)
		return;
	to[0] = words;
	to[words - 1] = 0;
	memcpy(to + 1, fixed, sizeof(*fixed));
	memcpy(to + 2, bytes, fixed->length);
	t->pending_words += words;
}

bool rules_call_data(const struct ev_syscall_data *fixed, const void *bytes)
{
	const struct rules *s = rules_now();
	struct trace_thread *t = this_cpu()->trace_thread;
	uint16_t asked = t->fire | (t->call == CALL_LATE ? t->keep : 0);

	if (t->call == CALL_NONE)
		return !s->keep;
	for (unsigned i = 0; fixed->what == DATA_PATH && asked >> i; i++) {
		if (asked >> i & 1 && s->rule[i].terms & RULE_PATH &&
		    path_is(&s->rule[i], bytes, fixed->length))
			t->path |= (uint16_t)(1u << i);
	}
	if (t->call == CALL_LATE)
		data_put_aside(t, fixed, bytes);
	return t->call == CALL_KEPT && (!s->keep || t->keep & s->by_event[EV_syscall_data]);
}

static bool holds_at_end(const struct trace_rule *r, int64_t result, uint64_t ns, bool path)
{
	return holds(r, RULE_RESULT, result >= r->result_low && result <= r->result_high) &&
	       (!(r->terms & RULE_LATENCY) || (ns >= r->latency_low && ns <= r->latency_high)) &&
	       holds(r, RULE_PATH, path);
}

/* Those of the rules in mask that hold for the call that ends. */
static uint16_t judge(const struct rules *s, const struct trace_thread *t, uint16_t mask,
		      int64_t result, uint64_t ns)
{
	uint16_t good = 0;

	for (unsigned i = 0; mask >> i; i++) {
		if (mask >> i & 1 && holds_at_end(&s->rule[i], result, ns, t->path >> i & 1))
			good |= (uint16_t)(1u << i);
	}
	return good;
}

static void call_tell(const struct trace_thread *t)
{
	uint64_t ticks = local_time() - t->entered;

	TRACE_TAIL(syscall_late, t->argument, t->arguments * 8u, .rip = t->rip, .nr = t->nr,
		   .ticks = ticks);
	for (unsigned at = 0; at < t->pending_words; at += t->pending[at]) {
		struct ev_syscall_data fixed;

		memcpy(&fixed, &t->pending[at + 1], sizeof(fixed));
		if (trace_attempt(EV_syscall_data))
			trace_tail(EV_syscall_data, &fixed, sizeof(fixed), &t->pending[at + 2],
				   fixed.length);
	}
}

void rules_call_end(int64_t result)
{
	const struct rules *s = rules_now();
	struct trace_thread *t = this_cpu()->trace_thread;
	uint64_t ns = clock_from_ticks(local_time() - t->entered);

	if (t->call == CALL_NONE)
		return;
	if (t->call == CALL_LATE) {
		t->keep = judge(s, t, t->keep, result, ns);
		t->call = t->keep ? CALL_KEPT : CALL_GONE;
		if (t->keep)
			call_tell(t);
	}
	if (t->fire)
		fire(s, judge(s, t, t->fire, result, ns));
	t->fire = 0;
}

void rules_signal(int sig)
{
	const struct rules *s = rules_now();
	struct trace_thread *t = this_cpu()->trace_thread;

	if (sig >= 1 && sig <= 64 && s->by_signal[sig])
		fire(s, s->by_signal[sig] & thread_holds(s, t));
}

void rules_crash(void)
{
	const struct rules *s = rules_now();

	if (s->crash)
		fire(s, s->crash & thread_holds(s, this_cpu()->trace_thread));
}

#include "tracer/vm/rules.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "schemas/syscalls.h"
#include "tracer/schema.h"
#include "tracer/vm/rule_names.h"

#define WORD_BYTES 512

enum relation { OP_NONE, OP_EQUAL, OP_NOT, OP_LESS, OP_LESS_EQUAL, OP_MORE, OP_MORE_EQUAL };

/* What is being read, and the rule that comes of it. */
struct parse {
	const char *all, *at;
	struct trace_rule *rule;
	struct error *why;
	char word[WORD_BYTES]; /* key or value at hand */
};

static int refuse(struct parse *p, const char *what, const char *word)
{
	return error_set(p->why, 2, "\"%s\": %s%s%s", p->all, what, *word ? " " : "", word);
}

static void spaces_skip(struct parse *p)
{
	while (*p->at == ' ' || *p->at == '\t')
		p->at++;
}

/* Characters up to a space, or, with names, up to what no name has. */
static int word_take(struct parse *p, bool name)
{
	size_t length = 0;

	spaces_skip(p);
	while (*p->at && *p->at != ' ' && *p->at != '\t' &&
	       (!name || isalnum((unsigned char)*p->at) || strchr("_,.-/*", *p->at))) {
		if (length == WORD_BYTES - 1)
			return refuse(p, "a word is too long", "");
		p->word[length++] = *p->at++;
	}
	p->word[length] = '\0';
	return 0;
}

static enum relation relation_take(struct parse *p)
{
	static const struct {
		const char *text;
		enum relation relation;
	} relations[] = {
		{ "!=", OP_NOT },  { "<=", OP_LESS_EQUAL }, { ">=", OP_MORE_EQUAL },
		{ "=", OP_EQUAL }, { "<", OP_LESS },        { ">", OP_MORE },
	};

	spaces_skip(p);
	for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++) {
		const size_t length = strlen(relations[i].text);

		if (strncmp(p->at, relations[i].text, length) == 0) {
			p->at += length;
			return relations[i].relation;
		}
	}
	return OP_NONE;
}

/* --- Sets of names ------------------------------------------------------------------ */

static void bit_set(uint64_t *bits, unsigned n)
{
	bits[n / 64] |= 1ull << (n % 64);
}

/* Call each(p, name) for the parts of the word between commas. */
static int names_each(struct parse *p, int (*each)(struct parse *p, const char *name))
{
	char *rest = p->word, *name;
	int status = 0;

	if (!*rest)
		return refuse(p, "a value is missing", "");
	while (!status && (name = strsep(&rest, ",")))
		status = *name ? each(p, name) : refuse(p, "an empty name in a list", "");
	return status;
}

static int event_add(struct parse *p, const char *name)
{
	return rule_event_add(p->rule->events, name)
		       ? 0
		       : refuse(p, "no such event or group of events:", name);
}

static int call_add(struct parse *p, const char *name)
{
	const int nr = rule_call_number(name);

	if (nr < 0)
		return refuse(p, "no such system call:", name);
	bit_set(p->rule->calls, (unsigned)nr);
	return 0;
}

static int signal_add(struct parse *p, const char *name)
{
	const int number = rule_signal_number(name);

	if (number < 0)
		return refuse(p, "no such signal:", name);
	p->rule->signals |= 1ull << (number - 1);
	return 0;
}

static int program_add(struct parse *p, const char *name)
{
	if (strlen(name) >= TRACE_RULE_NAME_SIZE)
		return refuse(p, "names of programs have at most 15 characters:", name);
	for (unsigned i = 0; i < TRACE_RULE_NAMES; i++) {
		if (!p->rule->programs[i][0]) {
			memcpy(p->rule->programs[i], name, strlen(name) + 1);
			return 0;
		}
	}
	return refuse(p, "at most 4 programs", "");
}

static int id_add(struct parse *p, const char *name, uint32_t ids[TRACE_RULE_IDS])
{
	char *end;
	const unsigned long id = strtoul(name, &end, 10);

	if (*end || id == 0 || id > 32768)
		return refuse(p, "no number of a process or thread:", name);
	for (unsigned i = 0; i < TRACE_RULE_IDS; i++) {
		if (!ids[i]) {
			ids[i] = (uint32_t)id;
			return 0;
		}
	}
	return refuse(p, "at most 8 processes or threads", "");
}

static int pid_add(struct parse *p, const char *name)
{
	return id_add(p, name, p->rule->pids);
}

static int tid_add(struct parse *p, const char *name)
{
	return id_add(p, name, p->rule->tids);
}

/* --- Ranges ------------------------------------------------------------------------- */

static int number_read(struct parse *p, int64_t *out)
{
	char *end;
	const int error = rule_error_number(p->word);

	if (error > 0) {
		*out = -error;
		return 0;
	}
	errno = 0;
	*out = strtoll(p->word, &end, 0);
	if (errno || end == p->word || *end)
		return refuse(p, "neither a number nor the name of an error:", p->word);
	return 0;
}

/* *low to *high, of which one was set to its limit before. */
static int range_set(struct parse *p, enum relation relation, int64_t value, int64_t *low,
		     int64_t *high)
{
	if ((relation == OP_LESS && value == *low) || (relation == OP_MORE && value == *high))
		return refuse(p, "nothing is beyond", p->word);
	if (relation == OP_LESS || relation == OP_LESS_EQUAL)
		*high = relation == OP_LESS ? value - 1 : value;
	else if (relation == OP_MORE || relation == OP_MORE_EQUAL)
		*low = relation == OP_MORE ? value + 1 : value;
	else
		*low = *high = value;
	return 0;
}

static int result_read(struct parse *p, enum relation relation)
{
	int64_t value = 0;
	int status = number_read(p, &value);

	p->rule->result_low = INT64_MIN;
	p->rule->result_high = INT64_MAX;
	return status ? status
		      : range_set(p, relation, value, &p->rule->result_low, &p->rule->result_high);
}

static int latency_read(struct parse *p, enum relation relation)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	int64_t low = 0, high = INT64_MAX;
	double value;
	char *end;
	int status;

	value = strtod(p->word, &end);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (end == p->word || strcmp(end, units[i].name) != 0 || value < 0 ||
		    value * units[i].ns > 9e17)
			continue;
		status = range_set(p, relation, (int64_t)(value * units[i].ns), &low, &high);
		p->rule->latency_low = (uint64_t)low;
		p->rule->latency_high = (uint64_t)high;
		return status;
	}
	return refuse(p, "a time is a number with ns, us, ms or s, not", p->word);
}

static int path_read(struct parse *p)
{
	size_t length = strlen(p->word);

	if (length && p->word[length - 1] == '*') {
		p->rule->path_prefix = 1;
		p->word[--length] = '\0';
	}
	if (strchr(p->word, '*'))
		return refuse(p, "* only at the end of a path:", p->word);
	if (length == 0 || length >= TRACE_RULE_PATH_SIZE)
		return refuse(p, "a path has 1 to 127 characters", "");
	memcpy(p->rule->path, p->word, length + 1);
	return 0;
}

/* --- Terms -------------------------------------------------------------------------- */

static const struct {
	const char *key;
	enum trace_rule_term term;
	int (*each)(struct parse *p, const char *name);
} keys[] = {
	{ "event", RULE_EVENTS, event_add },
	{ "call", RULE_CALLS, call_add },
	{ "pid", RULE_PIDS, pid_add },
	{ "tid", RULE_TIDS, tid_add },
	{ "program", RULE_PROGRAMS, program_add },
	{ "result", RULE_RESULT, NULL },
	{ "latency", RULE_LATENCY, NULL },
	{ "path", RULE_PATH, NULL },
};

/* A negated set of bits is its complement; the rest negates in the guest. */
static void term_negate(struct trace_rule *r, enum trace_rule_term term)
{
	if (term == RULE_EVENTS) {
		for (unsigned i = 0; i < 4; i++)
			r->events[i] = ~r->events[i];
	} else if (term == RULE_CALLS) {
		for (unsigned i = 0; i < 8; i++)
			r->calls[i] = ~r->calls[i];
	} else {
		r->negated |= (uint16_t)term;
	}
}

enum { KEY_LATENCY = 6 };

static int value_read(struct parse *p, unsigned key, enum relation relation)
{
	const enum trace_rule_term term = keys[key].term;
	int status = 0;

	if (p->rule->terms & term)
		return refuse(p, "twice in one rule:", keys[key].key);
	if (relation != OP_EQUAL && relation != OP_NOT && term != RULE_RESULT &&
	    term != RULE_LATENCY)
		return refuse(p, "only = and != go with", keys[key].key);
	if (relation == OP_NOT && term == RULE_LATENCY)
		return refuse(p, "!= does not go with latency", "");
	if (word_take(p, false))
		return 2;
	p->rule->terms |= (uint16_t)term;
	if (keys[key].each)
		status = names_each(p, keys[key].each);
	else if (term == RULE_RESULT)
		status = result_read(p, relation == OP_NOT ? OP_EQUAL : relation);
	else if (term == RULE_LATENCY)
		status = latency_read(p, relation);
	else
		status = path_read(p);
	if (!status && relation == OP_NOT)
		term_negate(p->rule, term);
	return status;
}

static int term_read(struct parse *p)
{
	enum relation relation;

	if (word_take(p, true))
		return 2;
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(p->word, keys[i].key) != 0)
			continue;
		relation = relation_take(p);
		if (relation == OP_NONE)
			return refuse(p, "=, !=, <, <=, > or >= is missing behind", keys[i].key);
		return value_read(p, i, relation);
	}
	return refuse(p,
		      "a term begins with event, call, result, latency, path, pid, tid or"
		      " program, not with",
		      *p->word ? p->word : p->at);
}

static int terms_read(struct parse *p)
{
	int status = 0;

	for (spaces_skip(p); !status && *p->at; spaces_skip(p))
		status = term_read(p);
	return status;
}

/* A name, then a list of names. */
static int names_read(struct parse *p, enum trace_rule_term term,
		      int (*each)(struct parse *p, const char *name))
{
	p->rule->terms |= (uint16_t)term;
	return word_take(p, true) ? 2 : names_each(p, each);
}

static int trigger_read(struct parse *p, struct rules *r)
{
	enum relation relation;

	if (word_take(p, true))
		return 2;
	if (strcmp(p->word, "key") == 0) {
		spaces_skip(p);
		r->key = true;
		return *p->at ? refuse(p, "nothing follows key", "") : 0;
	}
	if (strcmp(p->word, "crash") == 0) {
		p->rule->terms |= RULE_CRASH;
		return 0;
	}
	if (strcmp(p->word, "signal") == 0)
		return names_read(p, RULE_SIGNALS, signal_add);
	if (strcmp(p->word, "syscall") == 0)
		return names_read(p, RULE_CALLS, call_add);
	if (strcmp(p->word, "latency") != 0)
		return refuse(p, "a trigger is signal, syscall, latency, crash or key, not",
			      p->word);
	if (names_read(p, RULE_CALLS, call_add))
		return 2;
	relation = relation_take(p);
	return relation == OP_NONE ? refuse(p, "<, <=, > or >= is missing", "")
				   : value_read(p, KEY_LATENCY, relation);
}

static int rule_add(struct rules *r, const char *text, enum trace_rule_action action,
		    struct error *why)
{
	struct trace_rule rule = { .action = (uint8_t)action };
	struct parse p = { .all = text, .at = text, .rule = &rule, .why = why };
	const bool key = r->key;
	int status = action == RULE_TRIGGER ? trigger_read(&p, r) : 0;

	if (!status)
		status = terms_read(&p);
	if (!status && action == RULE_TRIGGER && rule.terms & RULE_EVENTS)
		status = refuse(&p, "event= is for filters", "");
	if (!status && !rule.terms && !(r->key && action == RULE_TRIGGER))
		status = refuse(&p, "there is no term", "");
	if (!status && rule.terms && r->count == TRACE_RULES_MAX)
		status = error_set(why, 2, "at most %u filters and triggers", TRACE_RULES_MAX);
	if (status)
		r->key = key;
	else if (rule.terms)
		r->rule[r->count++] = rule;
	return status;
}

int rules_filter(struct rules *r, const char *text, struct error *why)
{
	return rule_add(r, text, RULE_KEEP, why);
}

int rules_trigger(struct rules *r, const char *text, struct error *why)
{
	return rule_add(r, text, RULE_TRIGGER, why);
}

void rules_clear(struct rules *r, enum trace_rule_action action)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < r->count; i++)
		if (r->rule[i].action != action)
			r->rule[kept++] = r->rule[i];
	r->count = kept;
	if (action == RULE_TRIGGER)
		r->key = false;
}

void rules_number(struct rules *r)
{
	for (unsigned i = 0; i < r->count; i++) {
		r->rule[i].index = (uint8_t)i;
		r->rule[i].count = (uint8_t)r->count;
	}
}

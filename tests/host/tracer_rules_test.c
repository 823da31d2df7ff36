/* Filters and triggers as users write them: what is understood, and what is refused
 * with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/events.h"
#include "schemas/syscalls.h"
#include "tracer/vm/rules.h"

static bool has(const uint64_t *bits, unsigned n)
{
	return bits[n / 64] >> (n % 64) & 1;
}

static struct trace_rule filter(const char *text)
{
	struct rules r = { 0 };
	struct error why = { 0 };

	if (rules_filter(&r, text, &why))
		fail_msg("%s", why.text);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.rule[0].action, RULE_KEEP);
	return r.rule[0];
}

static struct trace_rule trigger(const char *text)
{
	struct rules r = { 0 };
	struct error why = { 0 };

	if (rules_trigger(&r, text, &why))
		fail_msg("%s", why.text);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.rule[0].action, RULE_TRIGGER);
	return r.rule[0];
}

static void test_filters(void **state)
{
	struct trace_rule r = filter("call=openat,read result<0 program=bash,sh");

	(void)state;
	assert_int_equal(r.terms, RULE_CALLS | RULE_RESULT | RULE_PROGRAMS);
	assert_true(has(r.calls, NR_openat) && has(r.calls, NR_read));
	assert_false(has(r.calls, NR_write));
	assert_true(r.result_low == INT64_MIN && r.result_high == -1);
	assert_string_equal(r.programs[0], "bash");
	assert_string_equal(r.programs[1], "sh");
	r = filter("call!=read pid!=1,2 tid=3");
	assert_true(has(r.calls, NR_write));
	assert_false(has(r.calls, NR_read));
	assert_int_equal(r.negated, RULE_PIDS);
	assert_int_equal(r.pids[1], 2);
	assert_int_equal(r.tids[0], 3);
	r = filter("event=syscall,page_fault");
	assert_true(has(r.events, EV_syscall_enter) && has(r.events, EV_syscall_late));
	assert_true(has(r.events, EV_page_fault));
	assert_false(has(r.events, EV_page_fault_end));
	r = filter("result = ENOENT");
	assert_true(r.result_low == -2 && r.result_high == -2);
	r = filter("result!=0 path=/etc/*");
	assert_int_equal(r.negated, RULE_RESULT);
	assert_int_equal(r.path_prefix, 1);
	assert_string_equal(r.path, "/etc/");
	r = filter("result>=10 latency<=1.5us");
	assert_true(r.result_low == 10 && r.result_high == INT64_MAX);
	assert_true(r.latency_low == 0 && r.latency_high == 1500);
}

static void test_triggers(void **state)
{
	struct trace_rule r = trigger("signal SIGSEGV,INT pid=4");
	struct rules rules = { 0 };

	(void)state;
	assert_int_equal(r.terms, RULE_SIGNALS | RULE_PIDS);
	assert_true(r.signals == (1ull << 10 | 1ull << 1));
	r = trigger("syscall openat path=/etc/shadow");
	assert_int_equal(r.terms, RULE_CALLS | RULE_PATH);
	assert_string_equal(r.path, "/etc/shadow");
	r = trigger("latency read > 5ms");
	assert_int_equal(r.terms, RULE_CALLS | RULE_LATENCY);
	assert_true(r.latency_low == 5000001 && r.latency_high == INT64_MAX);
	r = trigger("crash program=true");
	assert_int_equal(r.terms, RULE_CRASH | RULE_PROGRAMS);
	assert_int_equal(rules_trigger(&rules, "key", NULL), 0);
	assert_true(rules.key);
	assert_int_equal(rules.count, 0);
}

static void test_refused(void **state)
{
	static const char *const wrong[][2] = {
		{ "", "no term" },
		{ "call=opn", "no such system call: opn" },
		{ "call=read,,write", "empty name" },
		{ "event=nothing", "no such event" },
		{ "colour=red", "a term begins with" },
		{ "=3", "a term begins with" },
		{ "result~5", "missing behind result" },
		{ "result=", "neither a number" },
		{ "result<5x", "neither a number" },
		{ "result=1 result=2", "twice" },
		{ "result<-9223372036854775808", "nothing is beyond" },
		{ "latency>5", "a time is" },
		{ "latency>-5ms", "a time is" },
		{ "latency!=5ms", "does not go with latency" },
		{ "pid<3", "only = and !=" },
		{ "pid=x", "no number of a process" },
		{ "pid=1,2,3,4,5,6,7,8,9", "at most 8" },
		{ "program=a,b,c,d,e", "at most 4" },
		{ "program=sixteen_letters_", "at most 15" },
		{ "path=/a*b", "only at the end" },
	};
	static const char *const wrong_triggers[][2] = {
		{ "", "a trigger is" },
		{ "foo", "a trigger is" },
		{ "signal", "is missing" },
		{ "signal SIGFOO", "no such signal" },
		{ "latency read", "missing" },
		{ "key x", "nothing follows" },
		{ "crash event=nmi", "event= is for filters" },
	};
	char path[200] = "path=/";
	struct rules r = { 0 };
	struct error why;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(rules_filter(&r, wrong[i][0], &why), 2);
		assert_non_null(strstr(why.text, wrong[i][1]));
	}
	for (size_t i = 0; i < sizeof(wrong_triggers) / sizeof(wrong_triggers[0]); i++) {
		assert_int_equal(rules_trigger(&r, wrong_triggers[i][0], &why), 2);
		assert_non_null(strstr(why.text, wrong_triggers[i][1]));
	}
	memset(path + 6, 'x', 150);
	assert_int_equal(rules_filter(&r, path, &why), 2);
	assert_int_equal(r.count, 0);
	assert_false(r.key);
}

static void test_many(void **state)
{
	struct rules r = { 0 };
	struct error why;

	(void)state;
	for (unsigned i = 0; i < TRACE_RULES_MAX; i++)
		assert_int_equal(i % 2 ? rules_filter(&r, "call=read", &why)
				       : rules_trigger(&r, "crash", &why),
				 0);
	assert_int_equal(rules_filter(&r, "call=read", &why), 2);
	rules_clear(&r, RULE_KEEP);
	assert_int_equal(r.count, TRACE_RULES_MAX / 2);
	rules_number(&r);
	for (unsigned i = 0; i < r.count; i++) {
		assert_int_equal(r.rule[i].index, i);
		assert_int_equal(r.rule[i].count, r.count);
		assert_int_equal(r.rule[i].action, RULE_TRIGGER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_triggers),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A comparison as JUnit XML, as CI servers read it: a test case a rule.  One that is
 * broken failed, one of which nobody can tell is an error. */
#include "tracer/cli/diff_print.h"

void diff_junit(struct buffer *b, const struct diff *d, const struct verdict *v)
{
	struct buffer text = { 0 };

	buffer_string(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	buffer_printf(b,
		      "<testsuites><testsuite name=\"ringscope diff\" tests=\"%u\""
		      " failures=\"%u\" errors=\"%u\">\n",
		      v->count, v->broken, v->unknown);
	for (unsigned i = 0; i < v->count; i++) {
		const struct verdict_rule *r = &v->rule[i];
		const char *element;

		buffer_string(b, "  <testcase classname=\"");
		buffer_markup(b, d->side[1]->command);
		buffer_string(b, "\" name=\"");
		buffer_markup(b, r->text);
		if (r->outcome == RULE_KEPT) {
			buffer_string(b, "\"/>\n");
			continue;
		}
		element = r->outcome == RULE_BROKEN ? "failure" : "error";
		buffer_printf(b, "\">\n    <%s message=\"", element);
		buffer_markup(b, r->because);
		buffer_string(b, "\">");
		buffer_clear(&text);
		diff_text(&text, d, v, 120);
		buffer_markup(b, buffer_text(&text));
		buffer_printf(b, "</%s>\n  </testcase>\n", element);
	}
	buffer_string(b, "</testsuite></testsuites>\n");
	buffer_free(&text);
}

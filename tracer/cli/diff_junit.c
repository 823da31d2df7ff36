/* A comparison as JUnit XML: a test case a rule, as CI servers read it. */
#include "tracer/cli/diff_print.h"

void diff_junit(struct buffer *b, const struct diff *d, const struct verdict *v)
{
	struct buffer text = { 0 };

	buffer_string(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	buffer_printf(b,
		      "<testsuites><testsuite name=\"ringscope diff\" tests=\"%u\""
		      " failures=\"%u\" errors=\"0\">\n",
		      v->count, v->broken);
	for (unsigned i = 0; i < v->count; i++) {
		const struct verdict_rule *r = &v->rule[i];

		buffer_string(b, "  <testcase classname=\"");
		buffer_markup(b, d->side[1]->command);
		buffer_string(b, "\" name=\"");
		buffer_markup(b, r->text);
		if (!r->broken) {
			buffer_string(b, "\"/>\n");
			continue;
		}
		buffer_string(b, "\">\n    <failure message=\"");
		buffer_markup(b, r->because);
		buffer_string(b, "\">");
		buffer_clear(&text);
		diff_text(&text, d, v, 120);
		buffer_markup(b, buffer_text(&text));
		buffer_string(b, "</failure>\n  </testcase>\n");
	}
	buffer_string(b, "</testsuite></testsuites>\n");
	buffer_free(&text);
}

#include "tracer/analysis/ignore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tracer/analysis/names.h"

/* Fill nr of a rule from the name of what it ignores; false if there is no such. */
static bool rule_name(struct ignore_rule *r, const char *name)
{
	if (strcmp(name, "*") == 0)
		return true;
	r->nr = r->kind == ITEM_CALL    ? names_call(name)
		: r->kind == ITEM_FAULT ? names_fault(name)
					: names_signal(name);
	return r->nr >= 0;
}

static int rule_parse(struct ignore *g, char *line, const char *name, unsigned number,
		      struct error *why)
{
	struct ignore_rule rule = { .kind = -1, .nr = -1 };
	char *word[4] = { NULL }, *save = NULL, *extra = NULL;
	unsigned words = 0;

	for (char *w = strtok_r(line, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
		if (words == 4)
			extra = w;
		else
			word[words++] = w;
	}
	if (words == 0)
		return 0;
	if (g->count == IGNORE_RULES)
		return error_set(why, 2, "%s:%u: more than %u rules", name, number, IGNORE_RULES);
	rule.kind = strcmp(word[0], "call") == 0     ? ITEM_CALL
		    : strcmp(word[0], "fault") == 0  ? ITEM_FAULT
		    : strcmp(word[0], "signal") == 0 ? ITEM_SIGNAL
						     : -1;
	if (rule.kind < 0 && strcmp(word[0], "program") != 0)
		return error_set(why, 2, "%s:%u: a rule begins with call, fault, signal or program",
				 name, number);
	if (extra || words == 3 || words == 1 || (words == 4 && strcmp(word[2], "of") != 0))
		return error_set(why, 2, "%s:%u: it reads `%s NAME [of PROGRAM]`", name, number,
				 word[0]);
	if (rule.kind >= 0 && !rule_name(&rule, word[1]))
		return error_set(why, 2, "%s:%u: no %s is named %s", name, number, word[0],
				 word[1]);
	if (words == 4 || rule.kind < 0)
		snprintf(rule.program, sizeof(rule.program), "%s", word[rule.kind < 0 ? 1 : 3]);
	g->rule[g->count++] = rule;
	return 0;
}

int ignore_parse(struct ignore *g, const char *text, const char *name, struct error *why)
{
	char *copy = strdup(text), *next = copy, *line;
	unsigned number = 0;
	int status = copy ? 0 : error_set(why, 2, "%s: out of memory", name);

	while (!status && (line = strsep(&next, "\n"))) {
		line[strcspn(line, "#")] = 0;
		status = rule_parse(g, line, name, ++number, why);
	}
	free(copy);
	return status;
}

int ignore_load(struct ignore *g, const char *path, struct error *why)
{
	char text[65536];
	FILE *f = fopen(path, "r");
	size_t length;

	if (!f)
		return error_set(why, 2, "%s: %s", path, strerror(errno));
	length = fread(text, 1, sizeof(text) - 1, f);
	if (ferror(f) || !feof(f)) {
		fclose(f);
		return error_set(why, 2, "%s: cannot be read, or is longer than %zu bytes", path,
				 sizeof(text) - 1);
	}
	fclose(f);
	text[length] = 0;
	return ignore_parse(g, text, path, why);
}

bool ignore_matches(const struct ignore *g, const struct role *r, const struct item *i)
{
	for (unsigned n = 0; n < g->count; n++) {
		const struct ignore_rule *rule = &g->rule[n];

		if ((rule->kind < 0 || rule->kind == i->kind) &&
		    (rule->nr < 0 || rule->nr == i->nr) &&
		    (!rule->program[0] || strcmp(rule->program, r->program) == 0))
			return true;
	}
	return false;
}

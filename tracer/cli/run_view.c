/* ringscope run --view, shell --view: the same without that option, on a terminal that
 * the viewer gives it. */
#include <stdlib.h>
#include <string.h>

#include "tracer/cli/command.h"
#ifdef RINGSCOPE_VIEWER
#include "viewer/viewer.h"
#endif

int run_view(char **argv, int first, const char *output)
{
#ifdef RINGSCOPE_VIEWER
	int count = 0, words = 0, status;
	char **made;

	while (argv[count])
		count++;
	made = calloc((size_t)count + 2, sizeof(*made));
	if (!made)
		return 125;
	made[words++] = (char *)"ringscope";
	for (int i = 0; i < count; i++)
		if (i == 0 || i >= first || strcmp(argv[i], "--view") != 0)
			made[words++] = argv[i];
	status = viewer_live(made, output);
	free(made);
	return status;
#else
	(void)first;
	(void)output;
	return complain_usage(argv[0], "this program was built without the viewer", NULL, 125);
#endif
}

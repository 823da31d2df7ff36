#include "viewer/flow.h"

#define FIRST_MS 300   /* for one that has never answered */
#define LATER_MS 10000 /* a picture of 5 KB takes so long at 4800 baud */

bool flow_waits(struct flow *f, int64_t now)
{
	if (f->asked == 0)
		return false;
	if (now - f->asked < (f->answers ? LATER_MS : FIRST_MS))
		return true;
	f->asked = 0;
	f->deaf = true;
	return false;
}

bool flow_ask(struct flow *f, int64_t now)
{
	if (f->deaf || f->asked != 0)
		return false;
	f->asked = now;
	return true;
}

void flow_answered(struct flow *f)
{
	*f = (struct flow){ .answers = true };
}

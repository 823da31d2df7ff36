/* One walk along a name: what path_lookup, open and the calls that change names
 * share.  For fs/ only.
 *
 *   struct walk w;
 *   error = walk_begin(&w, lookup, name);
 *   if (!error)
 *           error = walk_to_parent(&w);     w.at, w.last name the rest
 *   ...
 *   walk_end(&w);
 */
#ifndef KERNEL_FS_WALK_H
#define KERNEL_FS_WALK_H

#include "kernel/fs/dentry.h"

#define NAME_BYTES_MAX 255
#define PATH_BYTES_MAX 4096 /* with the NUL, as Linux's PATH_MAX */
#define LINKS_MAX      40   /* as Linux's MAXSYMLINKS */

enum last_kind {
	LAST_NAME,
	LAST_DOT,  /* "." */
	LAST_UP,   /* ".." */
	LAST_ROOT, /* nothing but slashes */
};

struct walk {
	const struct lookup *lookup;
	struct path at;   /* how far it came, with references */
	const char *rest; /* behind that */
	char *text;       /* memory of rest once a link was followed */
	unsigned links;
	/* After walk_to_parent. */
	enum last_kind kind;
	const char *last;
	size_t last_length;
	bool slash; /* the name ended in '/' */
};

int walk_begin(struct walk *w, const struct lookup *l, const char *name);
void walk_end(struct walk *w);
/* All of the name; w->at is the result. */
int walk_whole(struct walk *w);
/* All but the last component. */
int walk_to_parent(struct walk *w);
/* The dentry of `last` in w->at, perhaps negative, with a reference; asks the
 * file system when it is not known.  Holds: the lock of w->at's inode. */
int walk_last(struct walk *w, struct dentry **out);
/* d, found as the last component, is a symbolic link: go on with its text (then
 * call walk_to_parent again), or to the thing itself (*jumped: w->at is it). */
int walk_follow(struct walk *w, struct dentry *d, bool *jumped);

#endif

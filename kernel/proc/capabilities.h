/* How the sets of capabilities follow the ids: capabilities(7), "Effect of user ID
 * changes" and "Transformation of capabilities during execve". */
#ifndef KERNEL_PROC_CAPABILITIES_H
#define KERNEL_PROC_CAPABILITIES_H

#include "kernel/fs/credentials.h"

/* Any of c's user ids but fsuid changed; old: as it was before. */
void capabilities_user_changed(struct credentials *c, const struct credentials *old);
/* c's fsuid changed; was: the one before. */
void capabilities_file_user_changed(struct credentials *c, uint32_t was);
/* execve: c has the ids of the new program, old is as the caller was.  Files have no
 * capabilities of their own.  True: the program runs in secure mode (AT_SECURE). */
bool capabilities_exec(struct credentials *c, const struct credentials *old,
		       bool no_new_privileges);

#endif

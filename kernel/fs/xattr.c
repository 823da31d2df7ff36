/* Extended attributes of files in memory: a list on the inode. */
#include "kernel/fs/xattr.h"

#include <linux/errno.h>
#include <linux/magic.h>

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

struct xattr {
	struct xattr *next;
	size_t size;
	uint8_t *value;
	char name[];
};

enum family { FAMILY_USER, FAMILY_TRUSTED, FAMILY_SECURITY, FAMILY_NONE };

/* The name space of name; a bare prefix names nothing. */
static enum family family_of(const char *name)
{
	static const char *const prefixes[] = {
		[FAMILY_USER] = XATTR_USER_PREFIX,
		[FAMILY_TRUSTED] = XATTR_TRUSTED_PREFIX,
		[FAMILY_SECURITY] = XATTR_SECURITY_PREFIX,
	};
	unsigned k;

	for (k = 0; k < FAMILY_NONE; k++) {
		size_t n = strlen(prefixes[k]);

		if (strncmp(name, prefixes[k], n) == 0 && name[n])
			break;
	}
	return k;
}

static bool supported(const struct inode *i)
{
	return i->super && i->super->magic == TMPFS_MAGIC;
}

/* May c use name on i?  0 or -errno. */
static int check(const struct inode *i, const struct credentials *c, const char *name, bool change)
{
	enum family family = family_of(name);

	if (family == FAMILY_TRUSTED && !credentials_have(c, CAP_SYS_ADMIN))
		return change ? -EPERM : -ENODATA;
	if (family == FAMILY_USER && !S_ISREG(i->mode) && !S_ISDIR(i->mode))
		return change ? -EPERM : -ENODATA;
	if (family == FAMILY_USER && change && S_ISDIR(i->mode) && i->mode & S_ISVTX &&
	    !inode_owned(i, c))
		return -EPERM;
	if (family == FAMILY_USER) {
		int error = inode_permission(i, c, change ? MAY_WRITE : MAY_READ);

		if (error)
			return error;
	}
	if (family == FAMILY_NONE || !supported(i))
		return -EOPNOTSUPP;
	return family == FAMILY_SECURITY && change && c->fsuid != 0 ? -EPERM : 0;
}

/* Where name is, or the end.  Holds: i->lock. */
static struct xattr **find(struct inode *i, const char *name)
{
	struct xattr **at = &i->xattrs;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

int64_t xattr_get(struct inode *i, const struct credentials *c, const char *name, void *to,
		  size_t size)
{
	struct xattr *x;
	int64_t n = check(i, c, name, false);

	if (n)
		return n;
	mutex_lock(&i->lock);
	x = *find(i, name);
	if (!x)
		n = -ENODATA;
	else if (size && x->size > size)
		n = -ERANGE;
	else
		n = (int64_t)x->size;
	if (n > 0 && size)
		memcpy(to, x->value, x->size);
	mutex_unlock(&i->lock);
	return n;
}

static struct xattr *xattr_create(const char *name, const void *value, size_t size)
{
	size_t length = strlen(name) + 1;
	struct xattr *x = kmalloc(sizeof(*x) + length + size);

	if (!x)
		return NULL;
	memcpy(x->name, name, length);
	x->value = (uint8_t *)x->name + length;
	x->size = size;
	memcpy(x->value, value, size);
	return x;
}

int xattr_set(struct inode *i, const struct credentials *c, const char *name, const void *value,
	      size_t size, int flags)
{
	struct xattr *x, *old, **at;
	int error = check(i, c, name, true);

	if (error)
		return error;
	x = xattr_create(name, value, size);
	if (!x)
		return -ENOMEM;
	mutex_lock(&i->lock);
	at = find(i, name);
	old = *at;
	if (old && flags & XATTR_CREATE)
		error = -EEXIST;
	else if (!old && flags & XATTR_REPLACE)
		error = -ENODATA;
	if (!error) {
		x->next = old ? old->next : NULL;
		*at = x;
		x = old;
		i->ctime = inode_now();
	}
	mutex_unlock(&i->lock);
	kfree(x);
	return error;
}

int xattr_remove(struct inode *i, const struct credentials *c, const char *name)
{
	struct xattr *x, **at;
	int error = check(i, c, name, true);

	if (error)
		return error;
	mutex_lock(&i->lock);
	at = find(i, name);
	x = *at;
	if (x) {
		*at = x->next;
		i->ctime = inode_now();
	}
	mutex_unlock(&i->lock);
	kfree(x);
	return x ? 0 : -ENODATA;
}

int64_t xattr_list(struct inode *i, const struct credentials *c, char *to, size_t size)
{
	size_t total = 0;

	mutex_lock(&i->lock);
	for (struct xattr *x = i->xattrs; x; x = x->next) {
		size_t n = strlen(x->name) + 1;

		if (family_of(x->name) == FAMILY_TRUSTED && !credentials_have(c, CAP_SYS_ADMIN))
			continue;
		if (total + n <= size)
			memcpy(to + total, x->name, n);
		total += n;
	}
	mutex_unlock(&i->lock);
	return size && total > size ? -ERANGE : (int64_t)total;
}

void xattr_free_all(struct inode *i)
{
	while (i->xattrs) {
		struct xattr *x = i->xattrs;

		i->xattrs = x->next;
		kfree(x);
	}
}

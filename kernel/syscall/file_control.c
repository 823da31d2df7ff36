/* fcntl, flock, ioctl. */
#include <asm/ioctls.h>
#include <linux/errno.h>
#include <linux/fs.h>

#include "kernel/fs/async.h"
#include "kernel/fs/directory_note.h"
#include "kernel/fs/lease.h"
#include "kernel/fs/lock.h"
#include "kernel/fs/pipe.h"
#include "kernel/fs/pty.h"
#include "kernel/fs/seals.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/file_async.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

/* f's status flags become the settable ones of new. */
static void flags_set(struct file *f, uint32_t new)
{
	uint32_t old = __atomic_load_n(&f->flags, __ATOMIC_RELAXED);

	while (!__atomic_compare_exchange_n(&f->flags, &old,
					    (old & ~(uint32_t)FILE_FLAGS_SETTABLE) |
						    (new &FILE_FLAGS_SETTABLE),
					    false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* The same, and signals begin or end. */
static int64_t flags_change(uint64_t fd, struct file *f, uint32_t new)
{
	int error = 0;

	if ((f->flags ^ new) & FASYNC)
		error = async_enable(f, (int)fd, new &FASYNC);
	if (!error)
		flags_set(f, new);
	return error;
}

static int64_t control_lock(struct file *f, int command, uint64_t addr)
{
	struct process *p = current_process();
	struct flock l;
	int error;

	if (user_copy_in(&l, addr, sizeof(l)))
		return -EFAULT;
	if (command == F_OFD_GETLK || command == F_OFD_SETLK || command == F_OFD_SETLKW)
		error = open_record_lock(f, command, &l);
	else
		error = record_lock(f, p->files, p->pid, command, &l);
	if (!error && (command == F_GETLK || command == F_OFD_GETLK))
		error = user_copy_out(addr, &l, sizeof(l));
	return error;
}

static int64_t control_dup(struct file *f, uint64_t least, bool close_exec)
{
	file_get(f);
	return fd_install(current_process()->files, f, (int)least, close_exec, caller_fd_limit());
}

/* Commands that a file opened with O_PATH does not allow. */
static int64_t control_file(uint64_t fd, struct file *f, int command, uint64_t arg)
{
	struct async_owner owner;
	bool known;
	int64_t result;

	if (f->flags & O_PATH)
		return -EBADF;
	result = file_async_control(f, command, arg, &known);
	if (known)
		return result;
	switch (command) {
	case F_SETFL:
		return flags_change(fd, f, (uint32_t)arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return control_lock(f, command, arg);
	case F_SETLEASE:
		owner = async_owner_caller();
		return lease_set(f, (int)fd, (int)arg, caller_credentials(), &owner);
	case F_GETLEASE:
		return lease_get(f);
	case F_NOTIFY:
		owner = async_owner_caller();
		return directory_note_set(f, current_process()->files, (int)fd, (uint32_t)arg,
					  &owner);
	case F_ADD_SEALS:
		return seals_add(f, (unsigned)arg);
	case F_GET_SEALS:
		return seals_get(f);
	case F_GETPIPE_SZ:
		return pipe_size(f);
	case F_SETPIPE_SZ:
		return pipe_set_size(f, arg, caller_can(CAP_SYS_RESOURCE));
	}
	return -EINVAL;
}

static int64_t control(uint64_t fd, struct file *f, int command, uint64_t arg)
{
	struct fd_table *t = current_process()->files;

	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return control_dup(f, arg, command == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return fd_close_exec(t, (int)fd, -1);
	case F_SETFD:
		return fd_close_exec(t, (int)fd, arg & FD_CLOEXEC);
	case F_GETFL:
		return f->flags;
	}
	return control_file(fd, f, command, arg);
}

int64_t sys_fcntl(uint64_t fd, uint64_t cmd, uint64_t arg)
{
	struct file *f = caller_file(fd);
	int64_t result;

	if (!f)
		return -EBADF;
	result = control(fd, f, (int)cmd, arg);
	file_put(f);
	return result;
}

int64_t sys_flock(uint64_t fd, uint64_t operation)
{
	struct file *f = caller_file(fd);
	int error;

	if (!f)
		return -EBADF;
	error = f->flags & O_PATH ? -EBADF : file_lock(f, (int)operation);
	file_put(f);
	return error;
}

static int64_t flag_set(uint64_t fd, struct file *f, uint32_t flag, uint64_t addr)
{
	uint32_t flags = f->flags;
	int on;

	if (user_copy_in(&on, addr, sizeof(on)))
		return -EFAULT;
	return flags_change(fd, f, on ? flags | flag : flags & ~flag);
}

static int64_t readable_get(struct file *f, uint64_t addr)
{
	int left = (int)(f->inode->size - f->position);

	return user_copy_out(addr, &left, sizeof(left));
}

static int64_t peer_open(struct file *f, uint32_t flags)
{
	struct file *peer;
	int error = pty_peer_open(f, flags, &peer);

	return error ? error : caller_install(peer, flags & O_CLOEXEC);
}

/* Requests that are the same for all files come first. */
static int64_t control_device(uint64_t fd, struct file *f, unsigned request, uint64_t arg)
{
	switch (request) {
	case FIOCLEX:
	case FIONCLEX:
		return fd_close_exec(current_process()->files, (int)fd, request == FIOCLEX);
	case FIONBIO:
		return flag_set(fd, f, O_NONBLOCK, arg);
	case FIOASYNC:
		return flag_set(fd, f, FASYNC, arg);
	case FIONREAD:
		if (S_ISREG(f->inode->mode))
			return readable_get(f, arg);
		break;
	case TIOCGPTPEER:
		return peer_open(f, (uint32_t)arg);
	case FICLONE:
	case FICLONERANGE:
		return -EOPNOTSUPP;
	}
	return f->ops->ioctl ? f->ops->ioctl(f, request, arg) : -ENOTTY;
}

int64_t sys_ioctl(uint64_t fd, uint64_t request, uint64_t arg)
{
	struct file *f = caller_file(fd);
	int64_t result;

	if (!f)
		return -EBADF;
	result = f->flags & O_PATH ? -EBADF : control_device(fd, f, (unsigned)request, arg);
	file_put(f);
	return result;
}

/* System V message queues. */
#include <linux/errno.h>

#include "kernel/ipc/message_queue.h"
#include "kernel/mm/user.h"
#include "kernel/syscall/table.h"
#include "kernel/trace/trace.h"
#include "kernel/syscall/user_path.h"

int64_t sys_msgget(uint64_t key, uint64_t flags)
{
	return message_queue_get((int32_t)key, (unsigned)flags, caller_credentials());
}

/* Record the text of a message. */
static void text_tell(unsigned what, const struct message *m, uint64_t length)
{
	if (trace_data_wanted())
		trace_data_part(1, what, m->text, MIN(length, (uint64_t)trace_data_kept), length);
}

int64_t sys_msgsnd(uint64_t msqid, uint64_t msgp, uint64_t msgsz, uint64_t flags)
{
	struct message *m;
	int64_t type;
	int error;

	if (user_copy_in(&type, msgp, sizeof(type)))
		return -EFAULT;
	if (msgsz > MSGMAX || (int)msqid < 0 || type < 1)
		return -EINVAL;
	m = message_create(msgsz);
	if (!m)
		return -ENOMEM;
	m->type = type;
	error = user_copy_in(m->text, msgp + sizeof(type), msgsz);
	if (!error) {
		text_tell(DATA_BYTES_IN, m, msgsz);
		error = message_send((int)msqid, m, (unsigned)flags, caller_credentials());
	}
	if (error)
		message_free(m);
	return error;
}

int64_t sys_msgrcv(uint64_t msqid, uint64_t msgp, uint64_t msgsz, uint64_t msgtyp, uint64_t flags)
{
	struct message *m = NULL;
	int64_t n;

	if ((int)msqid < 0 || (int64_t)msgsz < 0)
		return -EINVAL;
	n = message_receive((int)msqid, msgsz, (int64_t)msgtyp, (unsigned)flags,
			    caller_credentials(), &m);
	if (n)
		return n;
	n = (int64_t)MIN(msgsz, m->length);
	if (user_copy_out(msgp, &m->type, sizeof(m->type)) ||
	    user_copy_out(msgp + sizeof(m->type), m->text, (size_t)n))
		n = -EFAULT;
	else
		text_tell(DATA_BYTES_OUT, m, (uint64_t)n);
	message_free(m);
	return n;
}

static int64_t control_info(int command, uint64_t buf)
{
	struct msginfo info;
	int last = message_queue_info(command == MSG_INFO, &info);

	return user_copy_out(buf, &info, sizeof(info)) ? -EFAULT : last;
}

static int64_t control_stat(int msqid, int command, uint64_t buf)
{
	struct msqid64_ds d;
	int result = message_queue_stat(msqid, command, caller_credentials(), &d);

	if (result < 0)
		return result;
	return user_copy_out(buf, &d, sizeof(d)) ? -EFAULT : result;
}

int64_t sys_msgctl(uint64_t msqid, uint64_t cmd, uint64_t buf)
{
	struct msqid64_ds d = { 0 };
	int command = (int)cmd;

	if ((int)msqid < 0 || command < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
	case MSG_INFO:
		return control_info(command, buf);
	case IPC_STAT:
	case MSG_STAT:
	case MSG_STAT_ANY:
		return control_stat((int)msqid, command, buf);
	case IPC_SET:
		if (user_copy_in(&d, buf, sizeof(d)))
			return -EFAULT;
		break;
	case IPC_RMID:
		break;
	default:
		return -EINVAL;
	}
	return message_queue_control((int)msqid, command, &d, caller_credentials());
}

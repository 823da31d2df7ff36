/* The first process of a Linux machine that runs one command and ends: what
 * `ringscope run -- busybox true` is compared with. */
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	const pid_t child = fork();

	if (child == 0) {
		execl("/busybox", "true", (char *)NULL);
		_exit(127);
	}
	while (child > 0 && wait(NULL) != child)
		;
	reboot(RB_AUTOBOOT);
	return 1;
}

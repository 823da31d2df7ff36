/* Two processes that take turns: pipe_pingpong [ROUNDS], 100 rounds.
 *
 * In the trace: each read finds an empty pipe and blocks (context switch because it
 * "blocked" on data in a pipe); each write wakes the other side.  A system call is not
 * a context switch, but here every read leads to one.  With --cpus 2 the two sides run
 * on two CPUs and the wake-ups cross. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Send back every byte, one higher, until the other side closes. */
static int echo(int from, int to)
{
	unsigned char ball;

	while (read(from, &ball, 1) == 1) {
		ball++;
		if (write(to, &ball, 1) != 1)
			return 1;
	}
	return 0;
}

static long play(int to, int from, long rounds)
{
	unsigned char ball = 0, last;
	long done = 0;

	for (; done < rounds; done++) {
		last = ball;
		if (write(to, &ball, 1) != 1 || read(from, &ball, 1) != 1)
			break;
		if (ball != (unsigned char)(last + 1))
			break;
	}
	return done;
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? strtol(argv[1], NULL, 0) : 100;
	int ping[2], pong[2], status;
	pid_t child;

	if (pipe(ping) < 0 || pipe(pong) < 0) {
		perror("pipe");
		return 1;
	}
	child = fork();
	if (child == 0) {
		close(ping[1]);
		close(pong[0]);
		_exit(echo(ping[0], pong[1]));
	}
	close(ping[0]);
	close(pong[1]);
	printf("%ld of %ld rounds came back right\n", play(ping[1], pong[0], rounds), rounds);
	close(ping[1]); /* the child's read gives 0: end of file */
	waitpid(child, &status, 0);
	printf("the other side saw the end and left with %d\n", WEXITSTATUS(status));
	return 0;
}

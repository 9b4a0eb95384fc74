/* A version that brings the store up to date and then does not come up. */
#include <string.h>
#include <unistd.h>

int main(int count, char **words)
{
    static const char said[] = "this version is broken\n";

    if (count > 1 && strcmp(words[1], "migrate") == 0)
        return 0;
    return write(2, said, sizeof said - 1) < 0 ? 2 : 1;
}

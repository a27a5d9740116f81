#include "services/users/users.h"

int main(int argc, char **argv)
{
    return service_main(&users_service, argc, argv);
}

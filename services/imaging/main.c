#include "services/imaging/imaging.h"

int main(int argc, char **argv)
{
    return service_main(&imaging_service, argc, argv);
}

#include "smg/app.hpp"

int main(int argc, char** argv) { return smg::run(argc, argv); }

// The one translation unit that holds the bodies of Asio's and Beast's non-template functions.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>

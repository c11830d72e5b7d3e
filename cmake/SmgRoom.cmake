# smg_room(NAME [DEPENDS room...] [LIBRARIES target...])
# One static library (or, for a header-only room, an interface library) from src/NAME/*.cpp, named smg_NAME.
function(smg_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cpp")
  list(TRANSFORM ROOM_DEPENDS PREPEND smg_)
  if(sources)
    add_library(smg_${name} STATIC ${sources})
    target_link_libraries(smg_${name} PUBLIC smg_compile_options tl::expected ${ROOM_DEPENDS} ${ROOM_LIBRARIES})
    smg_precompile(smg_${name} ${name})
  else()
    add_library(smg_${name} INTERFACE)
    target_link_libraries(smg_${name} INTERFACE smg_compile_options tl::expected ${ROOM_DEPENDS} ${ROOM_LIBRARIES})
  endif()
endfunction()

# The rooms (and test folders) whose files all hold Asio: their headers are parsed once. It saves 2 of 4 s a file and costs 8 s and
# 160 MB a build tree, so the presets that are built most often ask for it, and release does without, which proves the includes complete.
set(SMG_ASIO_ROOMS net upstream fleet gateway server admin app simulator flow)
function(smg_precompile target room)
  if(SMG_PCH AND room IN_LIST SMG_ASIO_ROOMS)
    target_precompile_headers(${target} REUSE_FROM smg_asio)
  endif()
endfunction()

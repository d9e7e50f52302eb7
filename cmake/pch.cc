// Only carries a precompiled header: see pch.cmake.

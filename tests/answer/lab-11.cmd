@echo off
rem Made by Sticksmith from a profile. The steps run in order; the log lies beside the applications.
set "LOG=%SystemDrive%\Sticksmith\install.log"
if not exist "%SystemDrive%\Sticksmith" mkdir "%SystemDrive%\Sticksmith"
if not "%~1"=="" goto step%~1

:step1
rem step: No hibernation
>>"%LOG%" echo %DATE% %TIME% step 1 begins
>>"%LOG%" 2>&1 powercfg /h off
>>"%LOG%" echo %DATE% %TIME% step 1 ended with %errorlevel%

:step2
>>"%LOG%" echo %DATE% %TIME% all done

package io.jcompose.core.contract;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;

/**
 * One implementation of the ports, empty but for an image, and programs for its containers. The
 * fixture sees to it that nothing of a test is left for the next one.
 */
public interface PortsFixture {
  Containers containers();

  Volumes volumes();

  Networks networks();

  Images images();

  Events events();

  /** A reference of the image that is there. */
  String image();

  /** A container whose program runs until a signal ends it, with 128 and the signal's number. */
  ContainerSpec lasting(String name);

  /** A container whose program ends by itself as soon as it can. */
  ContainerSpec ending(String name, int code);
}
